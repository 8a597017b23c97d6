import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { oneAtATime } from './oneAtATime.ts';

test('calls run one at a time, in their order, and a failed call does not block the next', async () => {
  const seen: string[] = [];
  const work = oneAtATime(async (call: number) => {
    seen.push(`${call} begins`);
    await setImmediate();
    seen.push(`${call} ends`);
    if (call === 2) throw new Error('no');
    return call;
  });
  const results = await Promise.allSettled([1, 2, 3].map(work));
  assert.deepEqual(
    results.map((result) => (result.status === 'fulfilled' ? result.value : 'failed')),
    [1, 'failed', 3],
  );
  assert.deepEqual(
    seen,
    [1, 2, 3].flatMap((call) => [`${call} begins`, `${call} ends`]),
  );
});
