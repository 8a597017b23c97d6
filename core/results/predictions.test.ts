import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rowIn } from '../../test/benches/ledgerRows.ts';
import { modelOf, partOf, predict } from '../../test/benches/predictions.ts';
import { ObjectNotFound } from '../base/errors.ts';
import { predictionsKey } from '../base/keys.ts';
import type { ReadObject } from '../base/objectStore.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import { firstByRank, type PredictedChip, readPredictedParts } from './predictions.ts';

const model = modelOf([
  { value: 30, name: 'many' },
  { value: -1, name: 'none' },
]);
const digest = '0123456789abcdef'.repeat(4);
const row = rowIn('DONE', {
  run: 'a'.repeat(32),
  scene: { bucket: 'inbox', key: 'north/scene', versionId: 'v1' },
  model: { name: 'model', version: '1.0.0' },
  day: '2026-03-01',
  parts: 2,
});

/** Two parts, as infer writes them: record 1 was blank, and the output of record 2 was not finite. */
const parts = [
  {
    index: [0, 2],
    rows: [
      [0.25, 0.75],
      [Number.NaN, 0.5],
    ],
    truth: [30, null],
  },
  { index: [3], rows: [[0.625, 0.375]], truth: [30] },
].map(({ index, rows, truth }) => {
  const offset = BigInt64Array.from(index, (i) => BigInt(i) * 2n ** 40n);
  const part = partOf(index.length, { index: Int32Array.from(index), offset, truth });
  return predict(model, rows, { run: row.run, digest, scene: row.scene.key }, part).bytes;
});
const stored = new Map(
  parts.map((bytes, part) => [predictionsKey({ id: row.run, ...row, day: row.day! }, part), bytes]),
);
const readResult: ReadObject = async (key) => {
  const found = stored.get(key);
  if (found === undefined) throw new ObjectNotFound(key);
  return Buffer.concat([new Uint8Array(3), found]).subarray(3); // in the middle of a pool, as files are read
};

test('the chips of a run are read as infer wrote them, from all parts, in the order of the file', async () => {
  const chip = { run: row.run, scene: row.scene, length: 100, member: null, window: null, footprint: null };
  assert.deepEqual(await chipsOf(row), [
    { ...chip, id: '0123456789abcdef-0', index: 0, offset: 0, ...said(-1, 'none', 0.75), truth: 30 },
    { ...chip, id: '0123456789abcdef-2', index: 2, offset: 2 ** 41, ...said(null, null, null), truth: null },
    { ...chip, id: '0123456789abcdef-3', index: 3, offset: 3 * 2 ** 40, ...said(30, 'many', 0.625), truth: 30 },
  ]);
});

test('a run that is not DONE has no predictions, even if an earlier attempt left some', async () => {
  for (const state of ['EMPTY', 'FAILED', 'PREDICTED'] as const) assert.deepEqual(await chipsOf({ ...row, state }), []);
});

test('a part that is gone is an error, not fewer chips', async () => {
  await assert.rejects(chipsOf({ ...row, parts: 3 }), ObjectNotFound);
});

test('the first chips by rank are the same whether found part by part or at once', () => {
  const rank = fc.option(fc.constantFrom(0.25, 0.5, 0.75, 1));
  const chips = fc.array(rank).map((all) => all.map((one, i) => ({ rank: one, index: i }) as PredictedChip));
  fc.assert(
    fc.property(chips, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 7 }), (all, count, size) => {
      let kept: PredictedChip[] = [];
      for (let at = 0; at < all.length; at += size) kept = firstByRank([...kept, ...all.slice(at, at + size)], count);
      const place = ({ rank, index }: PredictedChip) => (rank ?? -1) * 1e6 + index;
      assert.deepEqual(kept, [...all].sort((a, b) => place(a) - place(b)).slice(0, count));
    }),
  );
});

function said(value: number | null, text: string | null, probability: number | null) {
  return { value, text, probability, rank: probability, set: null };
}

async function chipsOf(row: LedgerRow): Promise<PredictedChip[]> {
  const chips: PredictedChip[] = [];
  for await (const part of readPredictedParts(readResult, row)) chips.push(...part);
  return chips;
}
