import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answeredKey, requestKey } from '../base/keys.ts';
import { doorOf } from './doorOf.ts';

for (const [key, door] of [
  [answeredKey('0'.repeat(64)), 'http'],
  [requestKey('r-17'), 'queue'],
  [requestKey('a.request'), 'queue'],
  [requestKey('a.REQUEST'), 'queue'],
  [requestKey('a.stac'), 'queue'],
  [requestKey('a.zarr'), 'queue'],
  ['north/a.tif', 'file'],
  ['requests/a.request.json', 'file'],
  ['requests/A.REQUEST.JSON', 'file'],
  ['requests/a.stac.json', 'file'],
  ['requests/north/a.csv', 'file'],
  ['answered/a.jsonl', 'file'],
  ['x/requests/r-17.json', 'file'],
] as const)
  test(`${key} came by the door ${door}`, () => assert.equal(doorOf({ key }), door));
