import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EmbeddedFunction } from '../../core/base/functions.ts';
import { chooseWorker } from './workers.ts';

/** A worker that did these functions, the last of them last, and takes so much memory; 240 MB are large, 360 MB too large to wait. */
const worker = (id: string, did: EmbeddedFunction[], megabytes: number) => ({
  id,
  isLargeFor: (name: EmbeddedFunction) => megabytes > 240 && did.at(-1) !== name,
  isTooLargeToWait: () => megabytes > 360,
  did: (name: EmbeddedFunction) => did.at(-1) === name,
  knows: (name: EmbeddedFunction) => did.includes(name),
});

describe('a call is for', () => {
  for (const [what, idle, name, taken, ending] of [
    ['a new worker, where none is idle', [], 'infer', undefined, []],
    ['the worker that was given back last', [worker('a', [], 0), worker('b', [], 90)], 'infer', 'b', []],
    [
      'one that knows the function',
      [worker('a', ['infer', 'drift'], 200), worker('b', ['drift'], 90)],
      'infer',
      'a',
      [],
    ],
    [
      'one whose last call was of the function, before one that was given back later',
      [worker('a', ['infer'], 300), worker('b', ['infer', 'drift'], 90)],
      'infer',
      'a',
      [],
    ],
    [
      'a small one, while a large one waits for its own function',
      [worker('a', ['drift'], 90), worker('b', ['infer'], 300)],
      'drift',
      'a',
      [],
    ],
    [
      'a small one, and a very large one ends',
      [worker('a', ['drift'], 90), worker('b', ['infer'], 400)],
      'drift',
      'a',
      ['b'],
    ],
    [
      'a new one, where all are large by others, and they end',
      [worker('a', ['infer'], 300), worker('b', ['infer'], 250)],
      'drift',
      undefined,
      ['a', 'b'],
    ],
    ['a very large one, if it was the function itself', [worker('b', ['infer'], 900)], 'infer', 'b', []],
  ] as const)
    test(what, () => {
      const chosen = chooseWorker(idle, name);
      assert.deepEqual([chosen.taken?.id, chosen.ending.map(({ id }) => id)], [taken, ending]);
    });
});
