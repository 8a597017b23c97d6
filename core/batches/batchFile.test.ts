import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readPredictions } from '../../test/predictions.ts';
import { withoutDigests } from '../../test/withoutDigests.ts';
import { predictionsKey } from '../keys.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import { type ChipPrediction, judged } from '../predictions/chipPrediction.ts';
import { readPredictionFile } from '../predictions/predictions.ts';
import { chipId } from '../run.ts';
import { makeBatchFile } from './batchFile.ts';

const MODEL = { name: 'model', version: '1.0.0' };
const CLASSES = [
  { value: 30, name: 'many' },
  { value: -1, name: 'none' },
];
const batch = { id: 'b'.repeat(32), manifest: 'm', offset: 0, length: 1, files: 2, day: '2026-03-01', model: MODEL };
const KEY = predictionsKey(batch, 0);

/** Two contents whose digests begin alike, and so do the ids of their chips. */
const [one, other] = ['1', '2'].map((digit) => `${'0123456789abcdef'}${digit.repeat(48)}`) as [string, string];
const third = '3'.repeat(64);

/** So many chips of a content, the first class being as likely as said. */
const chipsOf = (digest: string, probability: number, count = 2): ChipPrediction[] =>
  Array.from({ length: count }, (_, index) => ({
    ...{ chip_id: chipId(digest, index), index, offset: BigInt(100 * index), length: 100 },
    ...judged([probability, 1 - probability]),
    ...{ truth: null, digest },
  }));

/** A results bucket with nothing but the batch's file, and what is made of it by attempts of the batch. */
function makeBucket() {
  let stored: { bytes: Uint8Array; version: string } | null = null;
  let writes = 0;
  const put = (bytes: Uint8Array) => {
    writes += 1;
    stored = { bytes, version: `w${writes}` };
    return stored.version;
  };
  const fileOf = (attempt: number) =>
    makeBatchFile(
      {
        readVersion: async () => stored,
        replaceVersion: async (_key, bytes, version) => ((stored?.version ?? null) === version ? put(bytes) : null),
        removeVersion: async () => assert.fail('nothing is to be removed'),
        assertHeld: async () => {},
      },
      { batch, execution: 'arn:sweep', attempt },
      async () => CLASSES,
    );
  const rows = async () =>
    (await readPredictions(stored!.bytes)).rows.map(({ digest, index, p_30 }) => [digest?.[16] ?? null, index, p_30]);
  return { fileOf, rows, put, bytes: () => stored!.bytes, writes: () => writes };
}

describe('contents whose digests begin with the same sixteen digits', () => {
  test('are kept apart: each of them has its rows, and one is taken out without the other', async () => {
    const bucket = makeBucket();
    const file = bucket.fileOf(1);
    file.add(one, chipsOf(one, 0.25));
    file.add(other, chipsOf(other, 0.75, 1));
    await file.write([one, other]);
    const both = [
      ['1', 0, 0.25],
      ['1', 1, 0.25],
      ['2', 0, 0.75],
    ];
    assert.deepEqual(await bucket.rows(), both);

    const next = bucket.fileOf(1);
    await next.read();
    await next.write([one, other]);
    assert.equal(bucket.writes(), 1, 'it holds them already');
    await next.write([other]);
    assert.deepEqual(await bucket.rows(), both.slice(2));
    await next.write([one]);
    assert.deepEqual(await bucket.rows(), both.slice(0, 2));
  });

  test('are kept where another attempt has written them in between', async () => {
    const bucket = makeBucket();
    const [early, late] = [bucket.fileOf(1), bucket.fileOf(2)];
    await late.read();
    early.add(one, chipsOf(one, 0.25, 1));
    await early.write([one]);
    late.add(other, chipsOf(other, 0.75, 1));
    await late.write([one, other]);
    assert.deepEqual(await bucket.rows(), [
      ['1', 0, 0.25],
      ['2', 0, 0.75],
    ]);
  });

  test('are read as the runs that they are of', async () => {
    const bucket = makeBucket();
    const file = bucket.fileOf(1);
    file.add(one, chipsOf(one, 0.25));
    file.add(other, chipsOf(other, 0.75, 1));
    await file.write([one, other]);
    const rowOf = (digest: string) => ({ run: `run of ${digest}`, digest, batch: batch.id }) as LedgerRow;
    const read = async (...digests: string[]) =>
      (await readPredictionFile(async () => bucket.bytes(), { key: KEY, rows: digests.map(rowOf) })).map(
        ({ run, probability }) => [run.at(-1), probability],
      );
    const ofOne = [
      ['1', 0.75],
      ['1', 0.75],
    ];
    assert.deepEqual(await read(one, other), [...ofOne, ['2', 0.75]]);
    assert.deepEqual(await read(one), ofOne);
    assert.deepEqual(await read(other), [['2', 0.75]]);
  });
});

describe('a file whose rows have no digest', () => {
  const formerly = async (...digests: string[]) => {
    const bucket = makeBucket();
    const file = bucket.fileOf(1);
    for (const digest of digests) file.add(digest, chipsOf(digest, 0.25, 1));
    await file.write(digests);
    return { bucket, bytes: await withoutDigests(bucket.bytes()) };
  };

  test('is read by the digits of its ids', async () => {
    const { bytes } = await formerly(one, third);
    const rows = [{ run: 'third', digest: third, batch: batch.id } as LedgerRow];
    const chips = await readPredictionFile(async () => bytes, { key: KEY, rows });
    assert.deepEqual(
      chips.map(({ run, id }) => [run, id]),
      [['third', '3333333333333333-0']],
    );
  });

  test('is left as it is where it holds what it should, and written over with and without digests', async () => {
    const { bucket, bytes } = await formerly(one, third);
    bucket.put(bytes);
    const file = bucket.fileOf(1);
    await file.read();
    await file.write([one, third]);
    assert.equal(bucket.writes(), 2);
    const fourth = '4'.repeat(64);
    file.add(fourth, chipsOf(fourth, 0.75, 1));
    await file.write([third, fourth]);
    assert.deepEqual(await bucket.rows(), [
      [null, 0, 0.25],
      ['4', 0, 0.75],
    ]);
  });

  test('that a worker of a former release has put in the place of one with digests gets them back', async () => {
    const { bucket, bytes } = await formerly(one, third);
    const file = bucket.fileOf(2);
    await file.read();
    bucket.put(bytes);
    await file.write([third]);
    assert.deepEqual(await bucket.rows(), [['3', 0, 0.25]]);
  });
});
