import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PreparedPart } from '../../core/scenes/preparedPart.ts';
import { partOf } from '../../test/benches/predictions.ts';
import { runTimed, type WarmTime } from './classifyPart.ts';

/** A container whose first batch takes so many milliseconds, and each later one 2 a chip; it notes what it ran. */
function makeContainer(cold: number) {
  let at = 0;
  const batches: number[] = [];
  const session = {
    run: async (_: PreparedPart, __: number, chips: number) => {
      at += batches.length === 0 ? cold : 2 * chips;
      batches.push(chips);
      return new Float32Array(chips);
    },
  } as unknown as Parameters<typeof runTimed>[0];
  async function classify(part: PreparedPart, batch: number): Promise<WarmTime> {
    const time: WarmTime = { perChip: null };
    for (let first = 0; first < part.chips; first += batch)
      await runTimed(session, part, [first, Math.min(batch, part.chips - first)], time, () => at);
    return time;
  }
  return { classify, batches };
}

describe('what a chip takes', () => {
  for (const times of [1, 3, 17])
    test(`is the same where the first batch takes ${times} times as long`, async () => {
      const one = makeContainer(times * 20);
      assert.deepEqual(await one.classify(partOf(10), 10), { perChip: 2 });
      assert.deepEqual(one.batches, [10, 10], 'a part of one batch runs twice while it is cold');
      assert.deepEqual(await one.classify(partOf(10), 10), { perChip: 2 });
      assert.deepEqual(one.batches, [10, 10, 10], 'and once from then on');
      const several = makeContainer(times * 20);
      assert.deepEqual(await several.classify(partOf(25), 10), { perChip: 2 });
      assert.deepEqual(several.batches, [10, 10, 5]);
    });

  test('is the least of all batches', async () => {
    const slowLater = makeContainer(0);
    const time: WarmTime = { perChip: 1 };
    await runTimed({ run: async () => [] } as never, partOf(4), [0, 2], time, () => 0);
    assert.deepEqual(time, { perChip: 1 }, 'a cold one does not count, however fast it was');
    assert.deepEqual(await slowLater.classify(partOf(4), 2), { perChip: 2 });
  });
});
