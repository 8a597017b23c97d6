import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inTurn } from './turns.ts';

test('long pieces of work run one at a time, and the event loop turns between them', async () => {
  let [turns, working] = [0, 0];
  const turn = () => {
    turns += 1;
    next = setImmediate(turn);
  };
  let next = setImmediate(turn);
  const found = await Promise.all(
    Array.from({ length: 8 }, (_, i) =>
      inTurn(async () => {
        working += 1;
        await null; // as a decoder has several steps
        for (const end = performance.now() + 20; performance.now() < end; );
        assert.equal(working, 1);
        working -= 1;
        if (i === 3) throw new Error('it is no image');
        return i;
      }).catch((error: Error) => error.message),
    ),
  ).finally(() => clearImmediate(next));
  assert.deepEqual(found, [0, 1, 2, 'it is no image', 4, 5, 6, 7]);
  assert.ok(turns >= 7, `${turns} turns`);
});
