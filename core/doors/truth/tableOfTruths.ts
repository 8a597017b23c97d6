import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { attempt, citedStart, InvalidMessage, InvalidSceneFile, insteadOf } from '../../base/errors.ts';
import { MAX_FILE_TRUTHS } from '../../base/limits.ts';
import type { TruthSaid } from '../../package/task.ts';
import { rowsIn } from '../../scenes/formats/csv/rows.ts';
import { piecesOf } from '../../scenes/formats/format.ts';
import { CODECS } from '../../scenes/formats/parquet/codecs.ts';
import { numberIn } from '../../scenes/numberIn.ts';
import { rangesIn } from '../../scenes/rangesIn.ts';
import { withoutApostrophe } from '../../tables/csv.ts';
import { type Truth, type TruthJson, toTruth } from './truth.ts';

/** By name, ignoring case and "_": as in the contract, or in the predictions, so that SQL needs one more column. */
const COLUMNS: Readonly<Record<string, keyof TruthJson>> = {
  ...{ request: 'request', requestid: 'request', id: 'id', member: 'id' },
  ...{ scene: 'scene', file: 'scene', sceneversion: 'sceneVersion', fileversion: 'sceneVersion' },
  ...{ index: 'index', chip: 'chip', chipid: 'chip', truth: 'truth', truevalue: 'truth', sample: 'sample' },
};
const ALLOWED =
  'allowed are truth; request and id, or request and index; or scene and index, or scene and chip_id, and scene_version';

/** A Parquet column may hold lists. */
type Cell = string | number | bigint | readonly unknown[] | null | undefined;

/**
 * Reads a CSV or Parquet table of truths that were stated `at` a time (ISO), one chip per row.
 * @returns the truths, and the number of rows without one
 * @throws {InvalidMessage} with the line or row, what was found and what is allowed
 */
export async function readTableOfTruths(name: string, bytes: Uint8Array, at: string, most = MAX_FILE_TRUTHS) {
  const mark = Buffer.from(bytes.subarray(0, 4)).toString('latin1');
  if (mark === 'PK\x03\x04')
    throw new InvalidMessage(
      `${name}: found a zip archive, as a workbook of Excel is; allowed are CSV and Parquet. Save the sheet as CSV.`,
    );
  if (mark === 'SQLi')
    throw new InvalidMessage(
      `${name}: found a database of SQLite, as a GeoPackage is; allowed are CSV and Parquet. Export its table as one of them.`,
    );
  const read = mark === 'PAR1' ? readParquet(name, bytes) : readCsv(name, bytes);
  const truths: Truth[] = [];
  let empty = 0;
  for await (const rows of read)
    for (const { where, cells } of rows) {
      if (isEmpty(cells.truth)) empty += 1;
      else truths.push(toTruth(jsonOf(cells, where), at, where));
      if (truths.length > most)
        throw new InvalidMessage(
          `${name}: found more than ${most} truths, which is the limit of a file. Cut it into several.`,
        );
    }
  if (truths.length + empty === 0) throw new InvalidMessage(`${name}: found no row, allowed is at least one.`);
  return { truths, empty };
}

/** Enough of a table for thousands of rows. */
const CHUNK_BYTES = 2 ** 18;

/** Where people write blanks behind the commas of the header, those of its rows are none of the names either. */
type Columns = readonly (readonly [at: number, column: keyof TruthJson, hasBlanks: boolean])[];
type Row = { readonly where: string; readonly cells: Partial<Record<keyof TruthJson, Cell>> };

/** Yields many rows at a time, because a promise per row would take longer than reading it. */
async function* readCsv(name: string, bytes: Uint8Array): AsyncGenerator<readonly Row[]> {
  let columns: Columns | undefined;
  try {
    for await (const rows of rowsIn(name, piecesOf({ size: bytes.length, range: rangesIn(bytes) }, CHUNK_BYTES))) {
      if (columns === undefined && rows.length > 0) columns = columnsIn(name, rows.shift()!.cells);
      yield rows.map(({ cells, line }) => ({ where: `line ${line}`, cells: cellsIn(columns!, (at) => cells[at]) }));
    }
  } catch (error) {
    if (!(error instanceof InvalidSceneFile)) throw error;
    throw new InvalidMessage(`${error.message}.`, { cause: error });
  }
}

async function* readParquet(name: string, bytes: Uint8Array): AsyncGenerator<readonly Row[]> {
  const file = new Uint8Array(bytes).buffer; // a copy, because the bytes may lie within a pool
  const wrong = (cause: Error) =>
    new InvalidMessage(`${name}: it cannot be read as Parquet: ${citedStart(String(cause), 200)}.`, { cause });
  const unreadable = insteadOf(Error, wrong);
  const metadata = attempt(() => parquetMetadata(file, { geoparquet: false }), unreadable);
  const inFile = metadata.schema.slice(1).map((element) => String(element.name)); // a damaged footer may have none
  const columns = columnsIn(name, inFile);
  const of = { file, metadata, columns: columns.map(([at]) => inFile[at]!), compressors: CODECS };
  const rows = await parquetReadObjects(of).catch(unreadable);
  yield rows.map((row, i) => ({ where: `row ${i}`, cells: cellsIn(columns, (at) => row[inFile[at]!] as Cell) }));
}

const cellsIn = (columns: Columns, cellAt: (at: number) => Cell): Row['cells'] =>
  Object.fromEntries(columns.map(([at, name, hasBlanks]) => [name, hasBlanks ? `${cellAt(at)}`.trim() : cellAt(at)]));

function columnsIn(name: string, header: readonly string[]): Columns {
  const hasBlanks = header.some((of) => of.startsWith(' '));
  const columns = header.flatMap((of, at): [number, keyof TruthJson, boolean][] => {
    const column = of.trim().toLowerCase().replaceAll('_', '');
    return Object.hasOwn(COLUMNS, column) ? [[at, COLUMNS[column]!, hasBlanks]] : [];
  });
  const found = columns.map(([, column]) => column);
  const twice = found.find((column, i) => found.indexOf(column) < i);
  if (twice !== undefined)
    throw new InvalidMessage(`${name}: found two columns for ${twice}, allowed is one: ${citedHeader(header)}.`);
  // A chip is named by two columns.
  if (!found.includes('truth') || found.length < 3)
    throw new InvalidMessage(`${name}: found the columns ${citedHeader(header)}, ${ALLOWED}.`);
  return columns;
}

const citedHeader = (header: readonly string[]): string => citedStart(header.join(', '), 200);

/** Names may begin or end with a blank, and another file or input have the same name without. */
const NAMES: ReadonlySet<string> = new Set(['scene', 'id']);

/** Returns a row as in the contract: a table has texts instead of numbers, and empty cells for missing values. */
function jsonOf(cells: Row['cells'], where: string): unknown {
  const said: Record<string, TruthSaid> = {};
  for (const [column, cell] of Object.entries(cells))
    if (!isEmpty(cell))
      if (column === 'truth') said[column] = truthIn(cell, where);
      else if (column === 'index') said[column] = indexIn(cell, where);
      else said[column] = withoutApostrophe(NAMES.has(column) ? String(cell) : String(cell).trim());
  return said;
}

function indexIn(cell: Cell, where: string): number {
  const index = typeof cell === 'string' ? numberIn(cell) : Number(cell);
  if (index === null || !Number.isInteger(index))
    throw new InvalidMessage(`${where}: found ${citedStart(String(cell), 40)} as index, allowed is a whole number.`);
  return index;
}

function truthIn(cell: Cell, where: string): TruthSaid {
  if (typeof cell === 'string') return cell.trim();
  if (Array.isArray(cell)) return cell.map(String);
  const number = Number(cell);
  if (!Number.isFinite(number))
    throw new InvalidMessage(
      `${where}: found ${typeof cell === 'object' ? 'a struct' : number} as truth, allowed is a text, a finite number or a list of labels; NULL says nothing yet.`,
    );
  return number;
}

const isEmpty = (cell: Cell): boolean =>
  cell === null || cell === undefined || (typeof cell === 'string' && cell.trim() === '');
