import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import { resultKeys } from './predictions.ts';

const row = {
  run: 'r-1',
  model: { name: 'm', version: '1.0.0' },
  state: 'DONE',
  day: '2026-03-01',
  maps: ['predictions', 'scores'],
  raster: {},
} as unknown as LedgerRow;

test('a run that is done has its maps and their Item, of its own day; others have none', () => {
  assert.deepEqual(resultKeys(row), [
    'maps/model=m/version=1.0.0/date=2026-03-01/r-1.tif',
    'maps/model=m/version=1.0.0/date=2026-03-01/r-1-scores.tif',
    'maps/model=m/version=1.0.0/date=2026-03-01/r-1.json',
  ]);
  const { raster: _, ...noRaster } = row;
  for (const other of [{ ...row, state: 'FAILED' }, noRaster]) assert.deepEqual(resultKeys(other as LedgerRow), []);
});
