import type { MetricsTable } from '../drift/metricsTable.ts';
import { ObjectNotFound, ObjectTooLarge } from '../errors.ts';
import { tableKey } from '../keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Cursor } from '../ledger/ledgerQueries.ts';
import { type LedgerRow, RUNNING, type State } from '../ledger/ledgerRow.ts';
import type { ModelRef } from '../messages.ts';
import type { ReadObject, WriteObject } from '../objectStore.ts';
import { modelId } from '../run.ts';
import { cellsOfDay, cellsOfRunWindow, metricsTable } from './metricsTable.ts';
import { parquetFile } from './parquet.ts';
import type { RegisterPartition } from './partitions.ts';
import { cellsOfRun, runsTable } from './runsTable.ts';
import type { Cell, Table } from './table.ts';
import { truthTable } from './truthTable.ts';

export type DayTablesPorts = {
  ledger: Pick<Ledger, 'rowsOfDay' | 'byState'>;
  metrics: Pick<MetricsTable, 'days'>;
  readResult: ReadObject;
  writeResult: WriteObject;
  registerPartition: RegisterPartition;
};

/** Rows of a file: all that is held of a day at a time. */
export const ROWS_IN_FILE = 50_000;

/** End states of runs that count for no day. */
const NOT_COUNTED: readonly State[] = ['INVALID', 'FAILED', 'DUPLICATE'];

/**
 * Writes what `runs` and `metrics` have of a closed UTC day, as the ledger and the metrics table have it now. A repeated one
 * overwrites itself.
 */
export async function writeDayTables(ports: DayTablesPorts, day: string): Promise<void> {
  await Promise.all([runsTable, metricsTable].map((table) => ports.registerPartition(table, [day])));
  const runs = makeFiles(ports, runsTable, day);
  const metrics = makeFiles(ports, metricsTable, day);
  const models = new Map<string, ModelRef>();
  const known = new Set<string>();
  const told = new Map<string, ModelRef>();
  for await (const row of ports.ledger.rowsOfDay(day)) {
    known.add(row.run);
    models.set(modelId(row.model), row.model);
    if (row.told !== undefined) told.set(modelId(row.model), row.model);
    await runs.add(cellsOfRun(row));
    const cells = cellsOfRunWindow(row);
    if (cells !== null) await metrics.add(cells);
  }
  // A run that changes its state while these questions are asked could be found twice.
  for await (const row of othersOf(ports.ledger, day)) {
    if (known.has(row.run)) continue;
    known.add(row.run);
    await runs.add(cellsOfRun(row));
  }
  for (const id of [...models.keys()].toSorted()) {
    const model = models.get(id)!;
    for (const row of await ports.metrics.days(model, day, day)) await metrics.add(cellsOfDay(model, row));
  }
  // Whoever joins truths has no right to the catalogue: a day that they have changed comes here.
  for (const { name, version } of told.values()) await ports.registerPartition(truthTable, [name, version, day]);
  await runs.end();
  await metrics.end();
}

/**
 * Days before `before` whose runs have come to an end since a time without counting, so that nobody judged the day anew.
 * One that has failed before its day was known stood in the day of its failure.
 */
export async function daysOfUncounted(
  ledger: Pick<Ledger, 'byState'>,
  since: Date,
  before: string,
): Promise<Set<string>> {
  const days = new Set<string>();
  for (const state of NOT_COUNTED)
    for await (const row of rowsSince(ledger, state, since)) {
      days.add(dayOfRow(row));
      for (const { at } of row.failures ?? []) days.add(at.slice(0, 10));
    }
  return new Set([...days].filter((day) => day < before));
}

/** Nothing changes state before it arrives, so what came into a state before the day is none of its files. */
async function* othersOf(ledger: Pick<Ledger, 'byState'>, day: string): AsyncGenerator<LedgerRow> {
  for (const state of [...NOT_COUNTED, ...RUNNING])
    for await (const row of rowsSince(ledger, state, new Date(`${day}T00:00:00Z`)))
      if (dayOfRow(row) === day) yield row;
}

function dayOfRow({ day, changed }: LedgerRow): string {
  return day ?? changed.slice(0, 10);
}

async function* rowsSince(ledger: Pick<Ledger, 'byState'>, state: State, since: Date): AsyncGenerator<LedgerRow> {
  let cursor: Cursor | undefined;
  do {
    const page = await ledger.byState(state, { since, oldestFirst: true, ...(cursor && { cursor }) });
    yield* page.rows;
    cursor = page.cursor;
  } while (cursor !== undefined);
}

/** The files of a table's day, one after the other; one that a longer day has left is written over with nothing. */
function makeFiles({ readResult, writeResult }: DayTablesPorts, table: Table, day: string) {
  let rows: Cell[][] = [];
  let part = 0;

  async function write(): Promise<void> {
    await writeResult(tableKey(table.name, day, part), await parquetFile(table.columns, rows));
    part += 1;
    rows = [];
  }

  async function isThere(key: string): Promise<boolean> {
    try {
      await readResult(key, 0);
      return true;
    } catch (error) {
      if (error instanceof ObjectTooLarge) return true;
      if (error instanceof ObjectNotFound) return false;
      throw error;
    }
  }

  return {
    add: async (cells: Cell[]): Promise<void> => {
      rows.push(cells);
      if (rows.length === ROWS_IN_FILE) await write();
    },
    end: async (): Promise<void> => {
      if (rows.length > 0 || part === 0) await write();
      while (await isThere(tableKey(table.name, day, part))) await write();
    },
  };
}
