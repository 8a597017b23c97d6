import type { Cell, ColumnType } from './table.ts';

/** Columns by name, and rows in batches as they come: the result of a SQL query, or what a page lists. */
export type Rows = {
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
  readonly rows: AsyncIterable<readonly (readonly Cell[])[]>;
};

/** Returns a value as text for people and programs: times as in SQL, in UTC, and bytes in hexadecimal. */
export function textOf(cell: Exclude<Cell, null>): string {
  if (cell instanceof Date) return cell.toISOString().replace('T', ' ').replace('Z', '');
  if (cell instanceof Uint8Array) return Buffer.from(cell).toString('hex');
  return String(cell);
}
