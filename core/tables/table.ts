import type { Column } from '../package/carry.ts';

/** The type of a table's column, which maps to one type each in Parquet, Athena and DuckDB. */
export type ColumnType = Column['type'] | 'BOOLEAN';

export type TableColumn = { readonly name: string; readonly type: ColumnType; readonly says: string };

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

export const DATE: Table['partitions'][number] = { name: 'date', says: 'the UTC day on which the file arrived' };

export const PARTITIONS_OF_CHIPS: Table['partitions'] = [
  { name: 'model', says: "the model's name" },
  { name: 'version', says: "the model's version" },
  DATE,
];

/** A value in a row. Times are `Date`s. */
export type Cell = string | number | bigint | boolean | Uint8Array | Date | null;

/** Columns by name, and rows in batches as they come: the result of a SQL query, or what a page lists. */
export type Rows = {
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
  readonly rows: AsyncIterable<readonly (readonly Cell[])[]> | Iterable<readonly (readonly Cell[])[]>;
};

/** Returns a value as text for people and programs: times as in SQL, in UTC, and bytes in hexadecimal. */
export function textOf(cell: Exclude<Cell, null>): string {
  if (cell instanceof Date) return cell.toISOString().replace('T', ' ').replace('Z', '');
  return cell instanceof Uint8Array ? Buffer.from(cell).toString('hex') : String(cell);
}

/** A column, and how its value follows from what a row is about; undefined is NULL. */
export type FilledColumn<Of> = readonly [
  ...[name: string, type: ColumnType, says: string],
  valueIn: (of: Of) => Cell | undefined,
];

export const asTableColumn = ([name, type, says]: FilledColumn<never>): TableColumn => ({ name, type, says });

export const cellsOf = <Of>(columns: readonly FilledColumn<Of>[], of: Of): Cell[] =>
  columns.map(([, , , valueIn]) => valueIn(of) ?? null);

/** Returns the prefix of a partition's files: `predictions/model=…/version=…/date=…/`. */
export const partitionPrefix = ({ name, partitions }: Table, values: readonly string[]): string =>
  [name, ...partitions.map((of, i) => `${of.name}=${values[i]!}`), ''].join('/');

/** Registers a partition before files are written to it; idempotent. Does nothing where files are found by folder. */
export type RegisterPartition = (table: Table, values: readonly string[]) => Promise<void>;
