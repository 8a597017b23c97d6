import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { errorNamed } from '../base/errors.ts';
import { predictionsTable } from './predictionsTable.ts';
import types from './redshiftTypes.json' with { type: 'json' };
import type { ColumnType, TableColumn } from './table.ts';

/** How predictions get into Amazon Redshift: the table there, and the statements by which files of the results bucket are loaded. */

/** Texts are as long as they may be: COPY fails on a longer one, and empty room costs nothing on disk. https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html */
const REDSHIFT_TYPES: Record<ColumnType, string> = types;

/** A transaction was rolled back: because of its data, or of what others did at the same time. */
export class StatementFailed extends errorNamed('StatementFailed') {}

export const RESULTS_TABLE = 'prediction_results';
/** An empty table whose lock a load holds: with that of the results, everybody who reads them would wait. */
const LOADS = 'prediction_loads';
const STAGING = 'prediction_staging';

/** At most so many statements are one transaction. https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html */
export const MAX_STATEMENTS = 40;

type Column = Pick<TableColumn, 'name' | 'type'>;

/** The batch whose file holds a row: all rows of that file go when it is loaded again. NULL of a run with files of its own. */
const BATCH: Column = { name: 'batch', type: 'STRING' };
const COLUMNS: readonly Column[] = [
  ...predictionsTable.columns,
  ...predictionsTable.partitions.map(({ name }): Column => ({ name, type: 'STRING' })),
  BATCH,
];

const defined = ({ name, type }: Column): string => `"${name}" ${REDSHIFT_TYPES[type]}`;
const listed = (columns: readonly Column[]): string => columns.map(defined).join(', ');

/** Makes the tables where they are not there yet. */
export const CREATE_TABLES: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS ${RESULTS_TABLE} (${listed(COLUMNS)})`,
  `CREATE TABLE IF NOT EXISTS ${LOADS} ("load" INTEGER)`,
];

/** Adds what a newer release has to a table with these columns, in which nothing is dropped or changed. */
export const addColumns = (there: readonly string[]): string[] =>
  COLUMNS.filter(({ name }) => !there.includes(name)).map(
    (column) => `ALTER TABLE ${RESULTS_TABLE} ADD COLUMN ${defined(column)}`,
  );

/** As core/base/keys.ts makes them. No part needs quotes in SQL. */
const KEY =
  /^(predictions\/model=([\w.+-]+)\/version=([\w.+-]+)\/date=(\d{4}-\d\d-\d\d)\/([0-9a-f]{32})-)\d{5}\.parquet$/;

/** A file with predictions by its key: the run or the batch that has written it, and the prefix of all of its files. */
export function resultsFileAt(key: string) {
  const [, prefix, model, version, date, id] = KEY.exec(key) ?? [];
  return prefix === undefined ? undefined : { key, prefix, id: id!, partition: [model, version, date] as string[] };
}

export type ResultsFile = {
  readonly key: string;
  readonly bytes: number;
  /** Files of which this is the same are loaded together. */
  readonly layout: { partition: readonly string[]; batch: string | null; columns: readonly Column[] };
};

const MEANT: Readonly<Record<string, ColumnType>> = { UTF8: 'STRING', TIMESTAMP_MILLIS: 'TIMESTAMP' };

/** Reads from a Parquet file what COPY has to be told: its columns in their order, and whether it holds the runs of a batch. */
export async function readResultsFile(
  { key, id, partition }: NonNullable<ReturnType<typeof resultsFileAt>>,
  bytes: Uint8Array,
): Promise<ResultsFile> {
  const file = new Uint8Array(bytes).buffer; // a copy, because the bytes may lie within a pool
  const metadata = parquetMetadata(file, { geoparquet: false }); // footprints stay bytes
  const columns = metadata.schema
    .slice(1)
    .map(({ name, type, converted_type: meant = '' }) => ({ name, type: MEANT[meant] ?? (type as ColumnType) }));
  const rows = await parquetReadObjects({ file, metadata, columns: ['run'] });
  const batch = rows.every(({ run }) => run === id) ? null : id;
  return { key, bytes: bytes.length, layout: { partition, batch, columns } };
}

/** A manifest for COPY, which wants the length of Parquet files. https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html */
export const manifestOf = (bucket: string, files: readonly ResultsFile[]): string =>
  JSON.stringify({
    entries: files.map(({ key, bytes }) => ({
      url: `s3://${bucket}/${key}`,
      mandatory: true,
      meta: { content_length: bytes },
    })),
  });

/**
 * The lock comes before anything that reads: only then does a transaction see what was committed while it waited, whatever the
 * isolation level, so that of two loads of one file the second replaces what the first has put there.
 * https://docs.aws.amazon.com/redshift/latest/dg/c_serial_isolation.html
 */
const LOCK = `LOCK ${LOADS}`;

/**
 * Loads the files of a manifest in one transaction, in place of what is there of the same chips. COPY of Parquet wants the columns
 * of the files, of which the results take those that SQL knows on a stage as well.
 */
export function loadFiles({ partition, batch, columns }: ResultsFile['layout'], manifest: string): string[] {
  // Carried columns may have any name: COPY goes by their order.
  const staged = columns.map((column, i) => (isKnown(column) ? column : { ...column, name: `carried_${i}` }));
  const names = columns.filter(isKnown).map(({ name }) => `"${name}"`);
  const added = [...predictionsTable.partitions, BATCH].map(({ name }) => `"${name}"`);
  const values = [...partition.map((value) => `'${value}'`), batch === null ? 'NULL' : `'${batch}'`];
  const isSame = ['run', 'index'].map((name) => `${RESULTS_TABLE}."${name}" = ${STAGING}."${name}"`);
  return [
    LOCK,
    `CREATE TEMP TABLE ${STAGING} (${listed(staged)})`,
    `COPY ${STAGING} FROM '${manifest}' IAM_ROLE default FORMAT AS PARQUET MANIFEST`,
    ...(batch === null ? [] : [`DELETE FROM ${RESULTS_TABLE} WHERE "batch" = '${batch}'`]),
    `DELETE FROM ${RESULTS_TABLE} USING ${STAGING} WHERE ${isSame.join(' AND ')}`,
    `INSERT INTO ${RESULTS_TABLE} (${[...names, ...added].join(', ')}) SELECT ${[...names, ...values].join(', ')} FROM ${STAGING}`,
    `DROP TABLE ${STAGING}`,
  ];
}

const isKnown = ({ name }: Column): boolean => predictionsTable.columns.some((column) => column.name === name);

/** Removes the rows of runs and batches whose files are gone. */
export function removeRows(ids: readonly string[]): string[] {
  const list = ids.map((id) => `'${id}'`).join(', ');
  return [LOCK, `DELETE FROM ${RESULTS_TABLE} WHERE "run" IN (${list}) OR "batch" IN (${list})`];
}
