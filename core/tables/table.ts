import type { Column } from '../predictions/column.ts';

/** The type of a table's column, which maps to one type each in Parquet, Athena and DuckDB. */
export type ColumnType = Column['type'] | 'BOOLEAN' | 'TIMESTAMP';

export type TableColumn = {
  readonly name: string;
  readonly type: ColumnType;
  /** What it holds, in a few words. */
  readonly says: string;
};

/**
 * A table for SQL: Parquet files in the results bucket, read by column name, so a column that a file lacks is NULL.
 * Athena's catalogue, DuckDB's views and the list of `swath sql` are derived from this.
 */
export type Table = {
  /** Also the folder of the bucket that holds its files. */
  readonly name: string;
  readonly says: string;
  readonly columns: readonly TableColumn[];
  /** Columns that are part of a file's key instead of the file, in Hive style; all are texts. */
  readonly partitions: readonly { readonly name: string; readonly says: string }[];
};

/** A value in a row. Times are `Date`s. */
export type Cell = string | number | bigint | boolean | Uint8Array | Date | null;

/** Returns the prefix of a partition's files: `predictions/model=…/version=…/date=…/`. */
export function partitionPrefix({ name, partitions }: Table, values: readonly string[]): string {
  return [name, ...partitions.map((of, i) => `${of.name}=${values[i]!}`), ''].join('/');
}
