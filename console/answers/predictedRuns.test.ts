import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startTestService } from '../../test/benches/service.ts';
import { makePredictedRuns } from './predictedRuns.ts';

const swath = await startTestService();
let reads = 0;
const counted = (key: string) => {
  reads += 1;
  return swath.service.readResult(key);
};
const chips = [{ class: 0 }, { class: 1 }];

describe('predictions that were looked at', () => {
  test('are kept', async () => {
    const predicted = makePredictedRuns(counted);
    const row = await swath.finish('a', chips);
    assert.equal(predicted.kept(row.run), undefined);
    reads = 0;
    const first = await predicted.read(row);
    assert.deepEqual(
      first.chips.map(({ index }) => index),
      [1, 2],
    );
    assert.equal(await predicted.read(row), first);
    assert.equal(await predicted.kept(row.run), first);
    assert.equal(reads, 1);
  });

  test('of a run on its way are not: there are none yet', async () => {
    const predicted = makePredictedRuns(counted);
    const row = await swath.prepare('b');
    assert.deepEqual((await predicted.read(row)).chips, []);
    assert.equal(predicted.kept(row.run), undefined);
  });

  test('make room for others: the one that was not asked for the longest goes first', async () => {
    const predicted = makePredictedRuns(counted);
    const large = (run: string) => ({ ...row, run, chips: 40_000, parts: 0 });
    const row = await swath.finish('c', chips);
    for (const run of ['1', '2']) await predicted.read(large(run));
    await predicted.kept('1');
    await predicted.read(large('3'));
    assert.deepEqual(
      ['1', '2', '3'].map((run) => predicted.kept(run) !== undefined),
      [true, false, true],
    );
  });

  test('that could not be read are asked for again', async () => {
    const predicted = makePredictedRuns(counted);
    const row = await swath.finish('d', chips);
    const [key, bytes] = [...swath.results].at(-1)!;
    swath.results.delete(key);
    await assert.rejects(predicted.read(row), { name: 'ObjectNotFound' });
    swath.results.set(key, bytes);
    assert.equal((await predicted.read(row)).chips.length, 2);
  });
});
