import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { attempt, citedStart, InvalidSceneFile, insteadOf, jsonIn, onError } from '../../core/base/errors.ts';
import { MAX_FEATURE_ID_LENGTH, MAX_FEATURE_RECORD_BYTES, MAX_ROW_LENGTH } from '../../core/base/limits.ts';
import { jsonLine } from '../../core/base/text/jsonLine.ts';
import { eventTimeOf } from '../../core/features/eventTime.ts';
import { featureValue } from '../../core/features/featureValue.ts';
import { rowsIn } from '../../core/scenes/formats/csv/rows.ts';
import { CODECS } from '../../core/scenes/formats/parquet/codecs.ts';
import { linesIn } from '../../core/scenes/linesIn.ts';
import { WrongUse } from '../terminal/output.ts';

type Columns = { id: string; eventTime: string; at?: string | undefined };

const DAY_MILLISECONDS = 86_400_000;
const READERS: Readonly<Record<string, (file: string) => AsyncGenerator<readonly unknown[]>>> = {
  '.csv': csvRows,
  '.tsv': csvRows,
  '.parquet': parquetRows,
  '.jsonl': jsonRows,
};

/**
 * Yields the records of a table with a row each, many at a time; in the place of a row that is none, why. Cells of CSV are texts, whatever
 * they look like. `at` is the event time of a table without one.
 * @throws {WrongUse} for a file that is no such table
 */
export async function* readFeatureFile(file: string, { id, eventTime, at }: Columns) {
  const reader = READERS[extname(file).toLowerCase()];
  if (reader === undefined || !(await stat(file).catch(() => undefined))?.isFile())
    throw new WrongUse(`${file}: allowed is a file *.csv, *.tsv, *.parquet or *.jsonl, a record in each row.`);
  let count = 0;
  try {
    for await (const rows of reader(file)) {
      const names = isRow(rows[0]) ? Object.keys(rows[0]) : [];
      const missing = [id, ...(at === undefined ? [eventTime] : [])].find((name) => !names.includes(name));
      if (count === 0 && names.length > 0 && missing !== undefined)
        throw new WrongUse(
          `${file}: found the columns ${citedStart(names.join(', '), 200)}, but not ${missing}; name the id with --id, and the event time with --event-time, or give that of all with --at.`,
        );
      yield rows.map((row) => {
        count += 1;
        return attempt(() => recordOf(row, { id, eventTime, at }, `row ${count}`), asRefused);
      });
    }
  } catch (cause) {
    if (cause instanceof InvalidSceneFile) throw new WrongUse(`${cause.message}.`, { cause });
    throw cause;
  }
}

async function* csvRows(file: string) {
  async function* inUtf8() {
    for await (const lines of linesIn({ key: file, chunks: createReadStream(file) }, MAX_ROW_LENGTH, 'a row', true))
      yield Buffer.from(`${lines.join('\n')}\n`);
  }
  let header: readonly string[] | undefined;
  for await (const rows of rowsIn(file, inUtf8())) {
    if (header === undefined && rows.length > 0) {
      header = rows.shift()!.cells;
      const twice = header.find((name, i) => header!.indexOf(name) < i);
      if (twice !== undefined)
        throw new InvalidSceneFile(`${file}: found ${citedStart(twice, 40)} as two columns, allowed is each name once`);
    }
    yield rows.map(({ cells }) => Object.fromEntries(cells.map((cell, i) => [header![i], cell === '' ? null : cell])));
  }
}

async function* jsonRows(file: string) {
  for await (const lines of linesIn({ key: file, chunks: createReadStream(file) }, MAX_ROW_LENGTH, 'a line', true))
    yield lines.filter((text) => text.trim() !== '').map((text) => jsonIn(text) ?? text);
}

async function* parquetRows(path: string) {
  const unreadable = insteadOf(Error, ({ message }) => new InvalidSceneFile(`${path}: ${message}`));
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file, { geoparquet: false }).catch(unreadable);
  let rowStart = 0;
  for (const { num_rows: count } of metadata.row_groups) {
    const rowEnd = rowStart + Number(count);
    yield await parquetReadObjects({ file, metadata, rowStart, rowEnd, compressors: CODECS }).catch(unreadable);
    rowStart = rowEnd;
  }
}

const asRefused = onError(InvalidSceneFile, (error) => error);
const isRow = (row: unknown): row is Record<string, unknown> =>
  typeof row === 'object' && row !== null && !Array.isArray(row);

/** @throws {InvalidSceneFile} with what is wrong with the row */
export function recordOf(row: unknown, { id, eventTime, at }: Columns, where: string) {
  if (!isRow(row))
    throw new InvalidSceneFile(`${where}: found ${citedStart(jsonLine(row), 40)}, allowed is a JSON object`);
  const { [id]: found, [eventTime]: moment, ...others } = row;
  const isExact =
    typeof found === 'bigint' || (typeof found === 'number' && Math.abs(found) <= Number.MAX_SAFE_INTEGER);
  const key = isExact ? String(found) : found;
  const isText = typeof key === 'string' && key.isWellFormed() && !key.includes('\0');
  if (!isText || key === '' || key.length > MAX_FEATURE_ID_LENGTH)
    throw new InvalidSceneFile(
      `${where}: found ${key === null ? 'nothing' : citedStart(String(key), 40)} as ${id}, allowed is an id of 1 to ${MAX_FEATURE_ID_LENGTH} characters, or a whole number up to 2^53`,
    );
  const values = Object.fromEntries(Object.entries(others).map(([name, cell]) => [name, featureValue(cell)]));
  const bytes = Buffer.byteLength(JSON.stringify(values));
  if (bytes > MAX_FEATURE_RECORD_BYTES)
    throw new InvalidSceneFile(
      `${where}: found features of ${bytes} bytes, allowed are at most ${MAX_FEATURE_RECORD_BYTES}`,
    );
  const time = eventTimeOf(at ?? moment, `${where}: ${eventTime}`);
  if (Date.parse(time) > Date.now() + DAY_MILLISECONDS)
    throw new InvalidSceneFile(`${where}: found ${time} as ${eventTime}, allowed is no time of the future`);
  return { id: key, time, values };
}
