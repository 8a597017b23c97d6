import type { Cell, ColumnType } from './table.ts';

/** Columns by their names, and rows by the handful, as they come: a result of SQL, or what a page lists. */
export type Rows = {
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
  readonly rows: AsyncIterable<readonly (readonly Cell[])[]>;
};

/** A value as a text that people and programs read: times as SQL has them, in UTC, and bytes in hexadecimal digits. */
export function textOf(cell: Exclude<Cell, null>): string {
  if (cell instanceof Date) return cell.toISOString().replace('T', ' ').replace('Z', '');
  if (cell instanceof Uint8Array) return Buffer.from(cell).toString('hex');
  return String(cell);
}
