import type { ServerResponse } from 'node:http';
import { csvOf } from '../../core/tables/csv.ts';
import { parquetOf } from '../../core/tables/parquet.ts';
import type { Rows } from '../../core/tables/table.ts';
import { download } from '../answer.ts';

export type ListFormat = 'csv' | 'parquet';

const TYPES: Record<ListFormat, string> = { csv: 'text/csv; charset=utf-8', parquet: 'application/vnd.apache.parquet' };

/** Streams a list as a file, row by row. */
export const listFile = (name: string, format: ListFormat, rows: Rows): ((response: ServerResponse) => void) =>
  download({ name: `${name}.${format}`, type: TYPES[format] }, format === 'csv' ? csvOf(rows) : parquetOf(rows));
