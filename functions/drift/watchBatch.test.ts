import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';
import type { ModelRef, SceneRef } from '../../core/base/messages.ts';
import type { JudgedRun } from '../../core/drift/recentWindow.ts';
import { predictionsIn, totalsOfRun } from '../../core/drift/totals.ts';
import type { Datum } from '../../core/metrics/metrics.ts';
import { DAY, MODEL, makeBench } from '../../test/benches/batch.ts';
import { encodeScene } from '../../test/benches/scenes.ts';
import { makeWatchBatch } from './drift.ts';
import type { DriftPorts } from './ports.ts';

const scene = (...values: number[]) => encodeScene(values.map((value) => ({ value, label: 1 })));

async function makeWatch() {
  const bench = await makeBench();
  const asked: { model: ModelRef; runs: readonly JudgedRun[] }[] = [];
  const published: Datum[] = [];
  const ports = {
    ledger: bench.ledger,
    readPiece: bench.ports.readPiece,
    now: bench.ports.now,
    publish: async (datums: readonly Datum[]) => void published.push(...datums),
  } as unknown as DriftPorts;
  const watch = makeWatchBatch(ports, { publishAfter: async (model, runs) => void asked.push({ model, runs }) });
  return { ...bench, watch, asked, published };
}

describe('a batch of files that arrived', () => {
  test('is judged by what its runs say, the newest first, whatever an index shows of them', async () => {
    const { batchOf, classify, watch, asked, published } = await makeWatch();
    const batch = batchOf({ a: scene(5), b: scene(6, 7, 8), c: scene(0) });
    const result = await classify(batch);
    assert.deepEqual(await watch(batch, result, {}), { status: 'watched' });
    const [{ model, runs } = { model: null, runs: [] }, ...others] = asked;
    assert.deepEqual([model, others, published], [MODEL, [], []]);
    assert.deepEqual(
      runs.map((run) => predictionsIn(totalsOfRun(run))).toSorted(),
      [0, 1, 3],
      'an empty one is among them',
    );
    assert.ok(runs.every(({ day }) => day === DAY));
  });

  for (const [what, hidden, wanted] of [
    ['all of them', [], [false]],
    ['not all of them yet', ['b'], [false, true]],
  ] as const)
    test(`has its rows read at half the price, where that shows ${what}${wanted.length > 1 ? ', and as they stand' : ''}`, async () => {
      const { batchOf, classify, watch, asked, ledger } = await makeWatch();
      const batch = batchOf({ a: scene(5), b: scene(6, 7) });
      const result = await classify(batch);
      const reads: boolean[] = [];
      const { rowsOf } = ledger;
      mock.method(ledger, 'rowsOf', async (scenes: SceneRef[], model: ModelRef, isNow = true) => {
        reads.push(isNow);
        return rowsOf(isNow ? scenes : scenes.filter(({ key }) => !hidden.some((name) => key.endsWith(name))), model);
      });
      await watch(batch, result, {});
      assert.deepEqual([reads, asked[0]?.runs.length], [wanted, 2]);
    });

  test('publishes at once how many of its files are invalid or failed', async () => {
    const { batchOf, classify, watch, asked, published } = await makeWatch();
    const batch = batchOf({ bad: new Uint8Array(40), worse: new Uint8Array(41) });
    await watch(batch, await classify(batch), {});
    assert.deepEqual([asked, published], [[], [{ metric: 'InvalidFiles', value: 2, dimensions: {} }]]);
    const none = batchOf({ gone: scene(5) });
    await watch(none, { ...(await classify(none)), failed: 1 }, {});
    assert.deepEqual(published.at(-1), { metric: 'FailedRuns', value: 1, dimensions: {} });
  });

  test('whose files came to their end elsewhere says nothing of them', async () => {
    const { batchOf, classify, watch, asked } = await makeWatch();
    const first = batchOf({ a: scene(5) });
    await classify(first);
    const again = batchOf({ a: scene(5), b: new Uint8Array(40) });
    await watch(again, await classify(again), {});
    assert.deepEqual(asked, []);
  });

  test('whose manifest has expired is left to the sweep', async () => {
    const { batchOf, classify, results, watch, asked } = await makeWatch();
    const batch = batchOf({ a: scene(5) });
    const result = await classify(batch);
    results.delete(batch.manifest);
    await watch(batch, result, {});
    assert.deepEqual(asked, []);
  });
});
