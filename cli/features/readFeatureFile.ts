import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { attempt, InvalidSceneFile, onError } from '../../core/base/errors.ts';
import { MAX_FEATURE_ID_LENGTH, MAX_FEATURE_RECORD_BYTES } from '../../core/base/limits.ts';
import { citedStart } from '../../core/base/text/cited.ts';
import type { FeatureRecord } from '../../core/features/contract.ts';
import { eventTimeOf } from '../../core/features/eventTime.ts';
import { featureValue } from '../../core/features/featureValue.ts';
import { literally, loadDuckDb, quoted } from '../../local/tables/localTables.ts';
import { WrongUse } from '../terminal/failure.ts';

export type FeatureRow = Omit<FeatureRecord, 'version'>;
type Columns = { id: string; eventTime: string; at?: string | undefined };

/** DuckDB's functions by the ending of a file, with their options. */
const READERS: Readonly<Record<string, readonly [name: string, options: string]>> = {
  '.csv': ['read_csv', ', sample_size = -1'],
  '.tsv': ['read_csv', ', sample_size = -1'],
  '.parquet': ['read_parquet', ''],
  '.jsonl': ['read_json', ", format = 'newline_delimited', sample_size = -1"],
};

/**
 * Yields the records of a table with a row each, many at a time; in the place of a row that is none, why. The types of columns are those that
 * DuckDB finds; an id is a text. `at` is the event time of a table without one.
 * @throws {WrongUse} for a file that is no such table
 */
export async function* readFeatureFile(file: string, { id, eventTime, at }: Columns) {
  const reader = READERS[extname(file).toLowerCase()];
  if (reader === undefined || !(await stat(file).catch(() => undefined))?.isFile())
    throw new WrongUse(`${file}: allowed is a file *.csv, *.tsv, *.parquet or *.jsonl, a record in each row.`);
  const { DuckDBInstance } = await loadDuckDb('Put the features where it does.');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    const [name, options] = reader;
    const from = (more = '') => `SELECT * FROM ${name}(${quoted(literally(file))}${options}${more})`;
    const described = (await connection.runAndReadAll(`DESCRIBE ${from()}`)).getRows();
    const names = described.map(([column]) => String(column));
    const missing = [id, ...(at === undefined ? [eventTime] : [])].find((name) => !names.includes(name));
    if (missing !== undefined)
      throw new WrongUse(
        `${file}: found the columns ${citedStart(names.join(', '), 200)}, but not ${missing}; name the id with --id, and the event time with --event-time, or give that of all with --at.`,
      );
    let row = 0;
    const isCsv = name === 'read_csv'; // in which an id such as 007 is a number otherwise
    const result = await connection.stream(from(isCsv ? `, types = {${quoted(id)}: 'VARCHAR'}` : ''));
    for await (const rows of result.yieldRowsJs())
      yield rows.map((cells): FeatureRow | InvalidSceneFile => {
        row += 1;
        const values = Object.fromEntries(cells.map((cell, i) => [names[i]!, cell]));
        return attempt(() => recordOf(values, { id, eventTime, at }, `row ${row}`), asRefused);
      });
  } catch (cause) {
    if (cause instanceof WrongUse) throw cause;
    throw new WrongUse(`${file}: ${(cause as Error).message.split('\n')[0]}`, { cause }); // of DuckDB
  } finally {
    connection.closeSync();
  }
}

const asRefused = onError(InvalidSceneFile, (error) => error);

/** @throws {InvalidSceneFile} with what is wrong with the row */
export function recordOf(cells: Record<string, unknown>, { id, eventTime, at }: Columns, where: string): FeatureRow {
  const { [id]: found, [eventTime]: time, ...others } = cells;
  const key = typeof found === 'number' || typeof found === 'bigint' ? String(found) : found;
  if (typeof key !== 'string' || key === '' || key.length > MAX_FEATURE_ID_LENGTH)
    throw new InvalidSceneFile(
      `${where}: found ${citedStart(String(key), 40)} as ${id}, allowed is an id of 1 to ${MAX_FEATURE_ID_LENGTH} characters`,
    );
  const values = Object.fromEntries(Object.entries(others).map(([name, cell]) => [name, featureValue(cell)]));
  const bytes = Buffer.byteLength(JSON.stringify(values));
  if (bytes > MAX_FEATURE_RECORD_BYTES)
    throw new InvalidSceneFile(
      `${where}: found features of ${bytes} bytes, allowed are at most ${MAX_FEATURE_RECORD_BYTES}`,
    );
  return { id: key, time: eventTimeOf(at ?? time, `${where}: ${eventTime}`), values };
}
