import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classesInUse } from './classesInUse.ts';

test('a class absent on both sides is left out, one absent on one side stays', () => {
  assert.deepEqual(classesInUse([3, 0, 0, 1], [0, 0, 2, 6]), {
    observed: { counts: [3, 0, 1], total: 4, shares: [0.75, 0, 0.25] },
    reference: { counts: [0, 2, 6], total: 8, shares: [0, 0.25, 0.75] },
  });
});
