import type { ServerResponse } from 'node:http';
import { slices } from '../../core/base/concurrency/inOrder.ts';
import { csvOf } from '../../core/tables/csv.ts';
import { parquetOf } from '../../core/tables/parquet.ts';
import type { Cell, Rows } from '../../core/tables/table.ts';
import { download } from '../answer.ts';

export type ListFormat = 'csv' | 'parquet';

const TYPES: Record<ListFormat, string> = { csv: 'text/csv; charset=utf-8', parquet: 'application/vnd.apache.parquet' };

/** Streams a list as a file, row by row. */
export function listFile(name: string, format: ListFormat, rows: Rows): (response: ServerResponse) => void {
  const pieces = format === 'csv' ? csvOf(rows) : parquetOf(rows);
  return download({ name: `${name}.${format}`, type: TYPES[format] }, pieces);
}

/** A column of a list, and how to get its value from an item. */
export type ListColumn<Item> = Rows['columns'][number] & { readonly of: (item: Item) => Cell };

const AT_ONCE = 1000;

export function rowsOf<Item>(columns: readonly ListColumn<Item>[], items: readonly Item[]): Rows {
  return { columns: columns.map(({ name, type }) => ({ name, type })), rows: inPieces() };

  async function* inPieces() {
    for (const some of slices(items, AT_ONCE)) yield some.map((item) => columns.map(({ of }) => of(item)));
  }
}
