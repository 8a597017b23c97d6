import { parquetReadObjects } from 'hyparquet';
import { ObjectNotFound, ObjectTooLarge, onError } from '../base/errors.ts';
import { tableKey } from '../base/keys.ts';
import { type ModelRef, modelId } from '../base/messages.ts';
import { nullIfNotFound, type ReadObject, type WriteObject } from '../base/objectStore.ts';
import type { MetricsTable } from '../drift/metricsTable.ts';
import type { Ledger } from '../ledger/contract.ts';
import { rowsInState } from '../ledger/ledgerQueries.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import { RUNNING, type State } from '../ledger/states.ts';
import { cellsOfDay, cellsOfRunWindow, metricsTable } from './metricsTable.ts';
import { parquetFile } from './parquet.ts';
import { cellsOfRun, runsTable } from './runsTable.ts';
import type { Cell, RegisterPartition, Table } from './table.ts';
import { truthTable } from './truthTable.ts';

export type DayTablesPorts = {
  ledger: Pick<Ledger, 'rowsOfDay' | 'byState'>;
  metrics: Pick<MetricsTable, 'days'>;
  readResult: ReadObject;
  writeResult: WriteObject;
  registerPartition: RegisterPartition;
};

/** Rows per file, which is all that is in memory of a day. */
const ROWS_IN_FILE = 50_000;

/** End states of runs that count for no day. */
const NOT_COUNTED: readonly State[] = ['INVALID', 'FAILED', 'DUPLICATE'];

/** Writes the rows of a closed UTC day to `runs` and `metrics`, as they are now. Writing a day again overwrites it. */
export async function writeDayTables(ports: DayTablesPorts, day: string): Promise<void> {
  await Promise.all([runsTable, metricsTable].map((table) => ports.registerPartition(table, [day])));
  const runs = makeFiles(ports, runsTable, day);
  const metrics = makeFiles(ports, metricsTable, day);
  const models = new Map<string, ModelRef>();
  const modelsWithTruths = new Map<string, ModelRef>();
  for await (const [row, isCounted] of runsOf(ports.ledger, day)) {
    await runs.add(cellsOfRun(row));
    if (!isCounted) continue;
    models.set(modelId(row.model), row.model);
    if (row.told !== undefined) modelsWithTruths.set(modelId(row.model), row.model);
    const cells = cellsOfRunWindow(row);
    if (cells !== null) await metrics.add(cells);
  }
  for (const id of [...models.keys()].toSorted()) {
    const model = models.get(id)!;
    for (const row of await ports.metrics.days(model, day, day)) await metrics.add(cellsOfDay(model, row));
  }
  // The function that joins truths may not change the catalogue, so partitions of days it changed are registered here.
  for (const { name, version } of modelsWithTruths.values())
    await ports.registerPartition(truthTable, [name, version, day]);
  await runs.end();
  await metrics.end();
}

/**
 * Returns days before `before` with runs that ended since a time without being counted, so that their days were not judged
 * again. A run that failed before its day was known belongs to the day of its failure.
 */
export async function daysOfUncounted(ledger: Pick<Ledger, 'byState'>, since: Date, before: string) {
  const days = new Set<string>();
  for (const state of NOT_COUNTED)
    for await (const row of rowsInState(ledger, state, { since, oldestFirst: true })) {
      days.add(dayOfRow(row));
      for (const { at } of row.failures ?? []) days.add(at.slice(0, 10));
    }
  return new Set([...days].filter((day) => day < before));
}

/** All runs of a day, and whether they count for it. One that changes its state during these queries could be found twice. */
async function* runsOf(ledger: DayTablesPorts['ledger'], day: string): AsyncGenerator<[LedgerRow, boolean]> {
  const known = new Set<string>();
  for await (const row of ledger.rowsOfDay(day)) {
    known.add(row.run);
    yield [row, true];
  }
  // No run changes state before its file arrives, so runs that entered a state before the day are not among its files.
  const since = new Date(`${day}T00:00:00Z`);
  for (const state of [...NOT_COUNTED, ...RUNNING])
    for await (const row of rowsInState(ledger, state, { since, oldestFirst: true })) {
      if (dayOfRow(row) !== day || known.has(row.run)) continue;
      known.add(row.run);
      yield [row, false];
    }
}

const dayOfRow = ({ day, changed }: LedgerRow): string => day ?? changed.slice(0, 10);

/** Whether runs that the table of a day has are in the ledger no more, as rows of requests expire. */
export async function hasLostRuns(ports: Pick<DayTablesPorts, 'ledger' | 'readResult'>, day: string): Promise<boolean> {
  const written = new Set<unknown>();
  for (let part = 0; ; part += 1) {
    const bytes = await ports.readResult(tableKey(runsTable.name, day, part)).catch(nullIfNotFound);
    if (bytes === null) break;
    const file = new Uint8Array(bytes).buffer;
    for (const { run } of await parquetReadObjects({ file, columns: ['run'] })) written.add(run);
  }
  if (written.size > 0) for await (const [{ run }] of runsOf(ports.ledger, day)) written.delete(run);
  return written.size > 0;
}

function isThere(readResult: ReadObject, key: string): Promise<boolean> {
  const reading = readResult(key, 0).catch(onError(ObjectTooLarge, () => {}));
  return reading.then(() => true).catch(onError(ObjectNotFound, () => false));
}

/** Writes the files of a table's day; files left over from a longer version of the day are overwritten with empty ones. */
function makeFiles({ readResult, writeResult }: DayTablesPorts, table: Table, day: string) {
  let rows: Cell[][] = [];
  let part = 0;

  async function write(): Promise<void> {
    await writeResult(tableKey(table.name, day, part), await parquetFile(table.columns, rows));
    part += 1;
    rows = [];
  }

  return {
    add: async (cells: Cell[]): Promise<void> => {
      rows.push(cells);
      if (rows.length === ROWS_IN_FILE) await write();
    },
    end: async (): Promise<void> => {
      if (rows.length > 0 || part === 0) await write();
      while (await isThere(readResult, tableKey(table.name, day, part))) await write();
    },
  };
}
