import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LedgerRow } from '../../ledger/ledgerRow.ts';
import { haveMaps } from './mapPairs.ts';

const map = { maps: ['predictions'] } as unknown as LedgerRow;
const pieces = { pieces: true } as unknown as LedgerRow;
const neither = { maps: ['scores'] } as unknown as LedgerRow;

test('two maps are compared, and a map with the pieces of a shadow; anything else is not', () => {
  const compared = [map, pieces, neither].map((one) => [map, pieces, neither].map((other) => haveMaps(one, other)));
  assert.deepEqual(compared, [
    [true, true, false],
    [true, false, false],
    [false, false, false],
  ]);
});
