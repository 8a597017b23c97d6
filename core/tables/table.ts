import type { Column } from '../predictions/column.ts';

/** What a column of a table holds. Each has one type in Parquet, in Athena and in DuckDB. */
export type ColumnType = Column['type'] | 'BOOLEAN' | 'TIMESTAMP';

export type TableColumn = {
  readonly name: string;
  readonly type: ColumnType;
  /** What it says, in a few words. */
  readonly says: string;
};

/**
 * A table for SQL: Parquet files in the results bucket, which are read by the names of their columns, so that a column that
 * a file has not is NULL. Athena's catalogue, DuckDB's views and what `swath sql` lists are made of this.
 */
export type Table = {
  /** And the folder of the bucket that its files lie in. */
  readonly name: string;
  readonly says: string;
  readonly columns: readonly TableColumn[];
  /** Columns that are no part of a file but of its key, in Hive style: all of them are texts. */
  readonly partitions: readonly { readonly name: string; readonly says: string }[];
};

/** A value of a row. Times are `Date`s. */
export type Cell = string | number | bigint | boolean | Uint8Array | Date | null;

/** Where a partition's files lie: `predictions/model=…/version=…/date=…/`. */
export function partitionPrefix({ name, partitions }: Table, values: readonly string[]): string {
  return [name, ...partitions.map((of, i) => `${of.name}=${values[i]!}`), ''].join('/');
}
