import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Place, placeOf, storedPlace } from '../package/package.ts';

test('a place is read back as it was stored; a place without bytes is stored with a length of 0', () => {
  const run: Place = { index: 7, kind: 'bytes', offset: 64, length: 1 };
  const alone: Place = { index: 7, kind: 'index' };
  for (const place of [run, alone]) assert.deepEqual(placeOf(storedPlace(place)), place);
  assert.deepEqual(storedPlace(alone), { index: 7, offset: 0, length: 0 });
});
