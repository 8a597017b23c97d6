import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowIn } from '../../test/benches/ledgerRows.ts';
import { storedCounts } from '../../test/benches/summaries.ts';
import { summaryTable } from './report.ts';

test('a run that is done without a prediction for each chip says so, like what else is not simply done', () => {
  const tableOf = (counts: number[], missing: number) =>
    summaryTable([{ row: rowIn('DONE', { chips: 5, blank: 0, ...storedCounts(counts, { missing }) }) }]);
  assert.match(tableOf([0, 0, 0, 0], 5), /^DONE a: For 5 chips, .* no finite output .* they have no prediction\.$/m);
  assert.match(tableOf([4, 0, 0, 0], 1), /^DONE a: For 1 chip, .* it has no prediction\.$/m);
  assert.doesNotMatch(tableOf([5, 0, 0, 0], 0), /no finite output/);
});
