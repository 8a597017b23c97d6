import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EmbeddedFunction } from '../../core/base/functions.ts';
import { chooseWorker } from './workers.ts';

/** Workers, as `a infer drift 200, b drift 90`: each did these functions, the last of them last, and takes so many megabytes; 240 are large, 360 too large to wait. */
const workersOf = (text: string) =>
  (text === '' ? [] : text.split(', ')).map((one) => {
    const [id = '', ...did] = one.split(' ');
    const megabytes = Number(did.pop());
    const didLast = (name: EmbeddedFunction) => did.at(-1) === name;
    return {
      id,
      isLargeFor: (name: EmbeddedFunction) => megabytes > 240 && !didLast(name),
      isTooLargeToWait: () => megabytes > 360,
      did: didLast,
      knows: (name: EmbeddedFunction) => did.includes(name),
    };
  });

describe('a call is for', () => {
  for (const [what, idle, name, taken, ending] of [
    ['a new worker, where none is idle', '', 'infer', undefined, ''],
    ['the worker that was given back last', 'a 0, b 90', 'infer', 'b', ''],
    ['one that knows the function', 'a infer drift 200, b drift 90', 'infer', 'a', ''],
    [
      'one whose last call was of the function, before one that was given back later',
      'a infer 300, b infer drift 90',
      'infer',
      'a',
      '',
    ],
    ['a small one, while a large one waits for its own function', 'a drift 90, b infer 300', 'drift', 'a', ''],
    ['a small one, and a very large one ends', 'a drift 90, b infer 400', 'drift', 'a', 'b'],
    ['a new one, where all are large by others, and they end', 'a infer 300, b infer 250', 'drift', undefined, 'a b'],
    ['a very large one, if it was the function itself', 'b infer 900', 'infer', 'b', ''],
  ] as const)
    test(what, () => {
      const chosen = chooseWorker(workersOf(idle), name);
      assert.deepEqual([chosen.taken?.id, chosen.ending.map(({ id }) => id).join(' ')], [taken, ending]);
    });
});
