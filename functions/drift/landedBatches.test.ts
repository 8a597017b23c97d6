import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DAY, makeBench } from '../bulk/testBench.ts';
import { encodeScene } from '../preprocess/testScenes.ts';
import { makeCutOff } from './cutOff.ts';

const bench = await makeBench();
const { ledger, batchOf, classify } = bench;
const { readPiece } = bench.ports;
const sceneOf = (value: number) => encodeScene([{ value, label: 1 }]);
const cutOffOf = makeCutOff({ ledger, readPiece });

test('a day waits for a batch that is open, and counts what it has brought to its end once it has closed', async () => {
  bench.at('2026-03-02T00:20:00.000Z');
  const batch = batchOf({ 'bulk/a': sceneOf(5), 'bulk/b': sceneOf(6), 'bulk/c': new Uint8Array(40) });
  const opened = await ledger.openBatch(batch, 'arn:sweep', bench.ports.now(), 300);
  const whileOpen = await cutOffOf(DAY, bench.ports.now(), []);
  assert.deepEqual([whileOpen.isLanding, whileOpen.landed], [true, []]);
  assert.ok(whileOpen.cutOff < opened!.openedAt, 'and nothing that it ends later is before that');

  await classify(batch);
  const asOf = bench.ports.now();
  const marks = await ledger.marksSince(DAY, new Date(0));
  const closed = await cutOffOf(DAY, asOf, marks);
  assert.deepEqual([closed.isLanding, closed.cutOff], [false, asOf.toISOString()]);
  assert.deepEqual(
    closed.landed.map(({ chips }) => chips),
    [1, 1],
    'the one that is invalid does not count',
  );
  const others = await cutOffOf('2026-02-28', asOf, []);
  assert.deepEqual([others.isLanding, others.landed], [false, []]);
});
