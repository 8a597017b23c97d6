import { ObjectNotFound } from '../../core/base/errors.ts';
import { predictionsKey } from '../../core/base/keys.ts';
import { type ModelRef, type SceneRef, sceneId } from '../../core/base/messages.ts';
import { makeMetricsTable } from '../../core/drift/metricsTable.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { State } from '../../core/ledger/states.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { inRow } from '../../core/tasks/registry.ts';
import type { ReportStepPorts } from '../../functions/report/reportStep.ts';
import { LEDGER_TABLE, METRICS_TABLE } from '../../local/tables/tables.ts';
import { renderReport } from '../../report/html.ts';
import { shard } from '../scenes.ts';
import { golden } from '../suite/golden.ts';
import { memoryBucket } from './memoryBucket.ts';
import { readBaselineFile } from './packages.ts';
import { partOf, predict } from './predictions.ts';
import { servingOf } from './serving.ts';
import { startTestTables } from './tablesInMemory.ts';

export const MODEL: ModelRef = { name: 'droughtwatch-baseline', version: '1.0.0' };
export const INVOCATION = { remainingSeconds: () => 900, signal: new AbortController().signal };

/** A prediction of the bundled shard, as test/golden/golden.py has it, and the record that it is about. */
export type GoldenChip = { index: number; offset: number; length: number; truth: number | null; row: number[] };
export const goldenChips: GoldenChip[] = golden.records.map((record, i) => ({
  ...record,
  row: golden.models.baseline.predictions[i]!.probabilities,
}));

/** For tests: a service on real tables, with buckets in memory, in which days come to pass. */
export async function startTestDays() {
  const tables = await startTestTables();
  const ledger = makeLedger(tables, LEDGER_TABLE);
  const metrics = makeMetricsTable(tables, METRICS_TABLE);
  const model = await readModelPackage(readBaselineFile);
  const results = new Map<string, Uint8Array>();
  const inbox = new Map<string, Uint8Array>();
  const ports: Omit<ReportStepPorts, 'publish'> = {
    stage: 'test',
    ledger,
    metrics,
    models: { load: async () => model, serving: servingOf(MODEL), isTrial: async () => false },
    readResult: memoryBucket(results).read,
    writeResult: memoryBucket(results).write,
    readRange: async (scene, offset, length) => {
      const bytes = inbox.get(sceneId(scene));
      if (bytes === undefined) throw new ObjectNotFound(`${scene.key} does not exist.`);
      return bytes.subarray(offset, offset + length);
    },
    registerPartition: async () => {},
    render: renderReport,
    now: () => new Date('2026-06-02T00:20:00Z'),
    requestDays: 90,
    threshold: 0.25,
    minimum: 1,
  };

  /** Lets a file of the bundled shard's bytes arrive on a day and be classified, in parts of at most `perPart` chips. */
  async function classify(
    day: string,
    key: string,
    { version = MODEL.version, chips = goldenChips, perPart = 50 } = {},
  ): Promise<LedgerRow> {
    const ref = { ...MODEL, version };
    const scene = { bucket: 'inbox', key, versionId: day };
    inbox.set(sceneId(scene), shard);
    const parts = Array.from({ length: Math.ceil(chips.length / perPart) }, (_, part) =>
      chips.slice(part * perPart, (part + 1) * perPart),
    );
    const { run } = await claim(day, scene, ref);
    const predictions = parts.map((part) => predicted(model, part, run, key));
    for (const [part, { bytes }] of predictions.entries())
      results.set(predictionsKey({ id: run, model: ref, day }, part), bytes);
    const sum = predictions.map((part) => part.sum).reduce(model.task.summary.add);
    return advance(scene, ref, 'DONE', day, {
      countedDay: day,
      chips: golden.chips,
      blank: golden.chips - goldenChips.length,
      parts: parts.length,
      ...inRow(sum, model),
    });
  }

  /** Lets a file arrive on a day and come into a state; `later` is the day on which it does, if that is another one. */
  async function arrive(
    day: string,
    key: string,
    state: State,
    attributes: Record<string, unknown> = {},
    { later = day, ref = MODEL } = {},
  ): Promise<LedgerRow> {
    const scene = { bucket: 'inbox', key, versionId: day };
    await claim(day, scene, ref);
    return advance(scene, ref, state, later, attributes);
  }

  async function claim(day: string, scene: SceneRef, ref: ModelRef): Promise<LedgerRow> {
    const now = new Date(`${day}T10:00:00Z`);
    const fixed = { day, chipsPerPart: 512 };
    const request = { scene, model: ref, execution: 'e', now, leaseSeconds: 60, attemptLimit: 3, fixed };
    return (await ledger.claim(request)).row;
  }

  function advance(scene: SceneRef, ref: ModelRef, state: State, day: string, attributes: Record<string, unknown>) {
    const holder = { scene, model: ref, attempt: 1, execution: 'e' };
    return ledger.advance(holder, state, new Date(`${day}T10:01:00Z`), attributes);
  }

  return { ports, tables, ledger, metrics, model, results, inbox, classify, arrive };
}

function predicted(model: ModelPackage, chips: readonly GoldenChip[], run: string, scene: string) {
  const rows = chips.map(({ row }) => row);
  const part = partOf(chips.length, {
    index: Int32Array.from(chips, ({ index }) => index),
    offset: BigInt64Array.from(chips, ({ offset }) => BigInt(offset)),
    length: Int32Array.from(chips, ({ length }) => length),
    truth: chips.map(({ truth }) => truth),
  });
  return predict(model, rows, { run, digest: golden.sha256, scene }, part);
}

/** An error in the ledger, as Settle writes it. */
export function errorOf(name: string, message: string, step = 'Preprocess') {
  return { error: { name, message, step, attempt: 1, at: '2026-06-01T10:01:00.000Z' } };
}
