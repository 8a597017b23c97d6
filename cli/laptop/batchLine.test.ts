import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchLine } from './batchLine.ts';

const batch = { id: 'b', manifest: 'm', offset: 0, length: 10, files: 500, day: '2026-03-01' };
const result = { files: 500, done: 498, empty: 0, duplicate: 0, invalid: 0, failed: 1, leftOut: 1, unsettled: 0 };

test('a batch is a line: how many files, of which day and model, and how they ended', () => {
  assert.equal(
    batchLine({ ...batch, model: { name: 'baseline', version: '1.0.0' } }, result),
    'bulk  500 files of 2026-03-01 by baseline 1.0.0: 498 done, 1 failed, 1 left to others',
  );
});
