import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as moment } from 'node:timers/promises';
import { inTurns } from './inTurns.ts';

test('no more than so much is under way, whatever fails, and the rest comes in order', async () => {
  const turn = inTurns(3);
  const begun: number[] = [];
  let busy = 0;
  let most = 0;
  const all = Array.from({ length: 20 }, (_, i) =>
    turn(async () => {
      begun.push(i);
      busy += 1;
      most = Math.max(most, busy);
      await moment();
      busy -= 1;
      if (i % 4 === 0) throw new Error(String(i));
      return i;
    }),
  );
  const ended = await Promise.allSettled(all);
  assert.equal(most, 3);
  assert.deepEqual(begun, [...begun.keys()]);
  assert.deepEqual(
    ended.map((one) => (one.status === 'fulfilled' ? one.value : Number(one.reason.message))),
    begun,
  );
});
