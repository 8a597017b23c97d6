import assert from 'node:assert/strict';
import type { DailyDriftResult, RunRef } from '../../core/base/messages.ts';
import { makeMetricsTable } from '../../core/drift/metricsTable.ts';
import { leftMark } from '../../core/ledger/dueDays.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import type { EndedRun } from '../../core/ledger/ledgerItem.ts';
import type { Datum } from '../../core/metrics/metrics.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { makeDrift } from '../../functions/drift/drift.ts';
import type { DriftPorts } from '../../functions/drift/ports.ts';
import { LEDGER_TABLE, METRICS_TABLE } from '../../local/tables/tables.ts';
import { readBaselineFile } from './packages.ts';
import { makeTestResults } from './results.ts';
import { noShadow, noTrial, servingOf } from './serving.ts';
import { storedCounts, writeSummaries } from './summaries.ts';
import { startTestTables } from './tablesInMemory.ts';

/** For tests of the verdict on days, on real tables: each has a year to itself, of which it is the second of June. */
export const tables = await startTestTables();
export const ledger = makeLedger(tables, LEDGER_TABLE);
export const metrics = makeMetricsTable(tables, METRICS_TABLE);
export const model = await readModelPackage(readBaselineFile);
export const ref = { name: 'droughtwatch-baseline', version: '1.0.0' };

const { readResult, writeResult } = makeTestResults().ports;

/** After all that these tests are about. */
export const LATER = new Date('2900-01-01');

/** The days that are marked, whenever. */
export function due(): Promise<string[]> {
  return ledger.dueDays('2900-01-01');
}

export async function clearAll({ but }: { but?: string } = {}): Promise<void> {
  for (const day of await due())
    if (day !== but) await ledger.clearMarks(await ledger.marksBefore(day, LATER), () => true);
}

let years = 2000;
export async function newYear() {
  const year = years++;
  await tables.delete({ TableName: LEDGER_TABLE, Key: { scene: 'sweep#judged', model: '-' } });
  await clearAll();
  const published: Datum[] = [];
  let milliseconds = 0; // time goes by, as it does between two requests
  const now = () => new Date(Date.parse(`${year}-06-02T00:15:00Z`) + milliseconds++);
  const work = (ports: Partial<DriftPorts> = {}) =>
    makeDrift({
      ledger,
      metrics,
      models: {
        load: async () => model,
        isTrial: noTrial,
        shadow: noShadow,
        serving: servingOf({ ...ref, version: '2.0.0' }),
      },
      publish: async (datums) =>
        void published.push(...datums.filter(({ dimensions: { Window = 'day' } }) => Window === 'day')),
      now,
      threshold: 0.25,
      minimum: 1,
      driftWindow: 500,
      requestDays: 90,
      blankShareLimit: 0.5,
      accuracyLimit: 0,
      executions: { start: async () => 'started' },
      readResult,
      writeResult: async () => {}, // no raster
      hrefOf: ({ key }) => key,
      readPiece: async () => new Uint8Array(), // no batch
      ...ports,
    });
  const invocation = { remainingSeconds: () => 60, signal: new AbortController().signal };
  const judgeDue = async (ports: Partial<DriftPorts> = {}, remainingSeconds = () => 60) => {
    const called = { ...invocation, remainingSeconds };
    const result = await work(ports)({ before: `${year}-06-02T00:15:00.000Z` }, called, {});
    assert.ok('judged' in result);
    return result.judged satisfies DailyDriftResult['judged'];
  };
  /** Lets a run of a day come to its verdict now. */
  const land = async (day: string, counts: number[], ports: Partial<DriftPorts> = {}, probabilitySum = 1) => {
    const run = await newRun(day, ref.version);
    await ledger.advance(run, 'PREPARED', now(), { chips: 500, blank: 0 });
    const parts = await writeSummaries(writeResult, run, [{ part: 0, counts, missing: 0, probabilitySum }]);
    await work(ports)({ run, parts }, invocation, {});
  };
  return { year, today: `${year}-06-02`, yesterday: `${year}-06-01`, published, judgeDue, land, finish, now };
}

type Finished = {
  name?: string;
  version?: string;
  chips?: number;
  blank?: number;
  missing?: number;
  state?: 'DONE' | 'EMPTY';
  at?: string;
  /** Instead of a time of its own day. */
  endedAt?: Date;
  /** What is true of the first class's chips, and how many of those are right. */
  truths?: { truth: number; right: number };
};

/** A run that has come to its end, and said so; it did not come to a revision of its own. */
export async function finish(day: string, counts: number[], more: Finished = {}): Promise<RunRef> {
  const {
    name = ref.name,
    version = ref.version,
    chips = 500,
    blank = 0,
    missing = 0,
    state = 'DONE',
    at = '10:00:01',
  } = more;
  const { endedAt = new Date(`${day}T${at}Z`) } = more;
  const run = await newRun(day, version, name);
  const ofFirst = (count: number) => counts.map((_, i) => (i === 0 ? count : 0));
  const told = more.truths && {
    truths: ofFirst(more.truths.truth),
    right: ofFirst(more.truths.right),
    wrong: ofFirst(0),
    confused: [],
  };
  const summary = storedCounts(counts, { missing, probabilitySum: 250, ...told });
  const found = { ...summary, chips, blank, countedDay: day };
  await ledger.advance(run, state, endedAt, found);
  const landing = { scene: run.scene, model: run.model };
  await ledger.markDue({ day, mark: `${run.id}-1`, at: endedAt.toISOString(), landing });
  return run;
}

/** A run whose file has grown leaves its day. */
export async function leave({ id, scene, model, day }: RunRef, now: Date): Promise<void> {
  const row = (await ledger.get(scene, model))!;
  const landing = { scene, model };
  await ledger.markDue({ day, mark: leftMark(id, row.attempt), at: now.toISOString(), landing });
  await ledger.withdraw(row, 'whole', now);
}

export async function newRun(day: string, version: string, name = ref.name): Promise<RunRef> {
  const scene = { bucket: 'inbox', key: crypto.randomUUID(), versionId: 'v1' };
  const now = new Date(`${day}T10:00:00Z`);
  const fixed = { day, chipsPerPart: 512 };
  const model = { name, version };
  const { row } = await ledger.claim({ scene, model, execution: 'e', now, leaseSeconds: 60, attemptLimit: 3, fixed });
  return { id: row.run, scene, model, attempt: 1, execution: 'e', digest: 'd'.repeat(64), day };
}

export async function runsOf(day: string, cutOff?: string): Promise<EndedRun[]> {
  const runs: EndedRun[] = [];
  for await (const run of ledger.ofDay(day, cutOff === undefined ? {} : { cutOff })) runs.push(run);
  return runs;
}

export async function* listed(runs: EndedRun[]): AsyncGenerator<EndedRun> {
  yield* runs;
}
