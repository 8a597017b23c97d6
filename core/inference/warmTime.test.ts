import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { timed, type WarmTime } from './warmTime.ts';

/** A container whose first batch takes so many milliseconds, and each later one 2 a chip; it notes what it ran. */
function makeContainer(cold: number) {
  let at = 0;
  const batches: number[] = [];
  const model = {};
  async function classify(part: number, batch: number, perChip: number | null = null): Promise<number | null> {
    const time: WarmTime = { perChip, clock: () => at };
    for (let first = 0; first < part; first += batch) {
      const chips = Math.min(batch, part - first);
      const run = async () => {
        at += batches.length === 0 ? cold : 2 * chips;
        batches.push(chips);
      };
      await timed(model, run, [chips, part], time);
    }
    return time.perChip;
  }
  return { classify, batches };
}

describe('the measured time for one chip', () => {
  for (const times of [1, 3, 17])
    test(`is the same where the first batch takes ${times} times as long`, async () => {
      const one = makeContainer(times * 20);
      assert.equal(await one.classify(10, 10), 2);
      assert.deepEqual(one.batches, [10, 10], 'a part of one batch runs twice while it is cold');
      assert.equal(await one.classify(10, 10), 2);
      assert.deepEqual(one.batches, [10, 10, 10], 'and once from then on');
      const several = makeContainer(times * 20);
      assert.equal(await several.classify(25, 10), 2);
      assert.deepEqual(several.batches, [10, 10, 5]);
    });

  test('is that of the fastest batch', async () => {
    const container = makeContainer(0);
    assert.equal(await container.classify(2, 2, 1), 1, 'a cold one does not count, however fast it was');
    assert.equal(await container.classify(4, 2, 1), 1);
    assert.equal(await makeContainer(0).classify(4, 2), 2);
  });

  test('is processor time, which does not pass while others have the machine', async () => {
    const time: WarmTime = { perChip: null };
    await timed({}, () => pause(100), [1, 1], time);
    assert.ok(time.perChip! < 50, `${time.perChip} ms of 100 ms of waiting`);
  });
});
