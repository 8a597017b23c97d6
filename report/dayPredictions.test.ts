import assert from 'node:assert/strict';
import { test } from 'node:test';
import { predictionsKey } from '../core/base/keys.ts';
import { addTotals, totalsOfRun } from '../core/drift/totals.ts';
import type { LedgerRow } from '../core/ledger/ledgerRow.ts';
import { readModelPackage } from '../core/tasks/readModelPackage.ts';
import { inRow } from '../core/tasks/registry.ts';
import { shownOf } from '../core/tasks/shownRegistry.ts';
import { readBaselineFile } from '../test/benches/packages.ts';
import { partOf, predict } from '../test/benches/predictions.ts';
import { readDayPredictions } from './report.ts';

test('chips under clouds count in no accuracy of a report, and are not among those to look at first', async () => {
  const baseline = await readModelPackage(readBaselineFile);
  const model = { ...baseline, mask: { band: 0, values: [8], bits: 0, share: 0.2 } };
  const outputs = [0, 1, 2, 3].map((own) => [0, 1, 2, 3].map((k) => (k === own ? 0.7 : 0.1)));
  const masked = { name: 'masked', type: 'DOUBLE' as const, values: [0.2, 0.9, null, 1] };
  const origin = { run: 'a'.repeat(32), digest: 'd'.repeat(64), scene: 'a' };
  const part = partOf(4, { truth: [0, 0, 0, 0], carried: [masked] });
  const { sum, bytes } = predict(model, outputs, origin, part);
  const ref = { name: model.name, version: model.version };
  const day = '2026-03-01';
  const about = {
    run: origin.run,
    digest: origin.digest,
    model: ref,
    day,
    state: 'DONE',
    parts: 1,
    scene: { key: 'a' },
  };
  const row = { ...about, ...inRow(sum, model) } as unknown as LedgerRow;
  const readResult = async (key: string) => {
    assert.equal(key, predictionsKey({ id: origin.run, model: ref, day }, 0));
    return bytes;
  };
  const invocation = { remainingSeconds: () => 300, signal: new AbortController().signal };
  const { accuracy, leastCertain } = await readDayPredictions(readResult, [row], model, 10, invocation);
  assert.deepEqual(
    leastCertain.map(({ index }) => index),
    [0, 2],
  );
  assert.partialDeepStrictEqual(accuracy, { n: 2, correct: 1 });
  const all = await readDayPredictions(readResult, [row], baseline, 10, invocation);
  assert.equal(all.leastCertain.length, 4);
});

test('the accuracy of a report counts scenes where the package does, and each chip that was requested by itself', async () => {
  const model = { ...(await readModelPackage(readBaselineFile)), unit: 'scene' as const };
  const results = new Map<string, Uint8Array>();
  const [ref, day] = [{ name: model.name, version: model.version }, '2026-03-01'];
  const rows = ['a.tfrecords', 'b.tfrecords', 'requests/c.json'].map((key, i) => {
    const [run, digest] = [String(i).repeat(32), String(i).repeat(64)];
    const truth = Array.from({ length: 8 }, (_, chip) => (chip < 3 * i ? 0 : 1));
    const outputs = truth.map(() => [0.7, 0.1, 0.1, 0.1]);
    const { sum, bytes } = predict(model, outputs, { run, digest, scene: key }, partOf(8, { truth }));
    results.set(predictionsKey({ id: run, model: ref, day }, 0), bytes);
    const about = { run, digest, model: ref, day, state: 'DONE', parts: 1, scene: { bucket: 'inbox', key } };
    return { ...about, ...inRow(sum, model) } as unknown as LedgerRow & { summary: string };
  });
  const invocation = { remainingSeconds: () => 300, signal: new AbortController().signal };
  const { accuracy } = await readDayPredictions(async (key) => results.get(key)!, rows, model, 1, invocation);
  const ofRuns = shownOf(model).accuracy(rows.map((row) => totalsOfRun(row)).reduce(addTotals), model);
  assert.deepEqual([accuracy!.n, accuracy!.interval], [24, ofRuns!.interval]);
});
