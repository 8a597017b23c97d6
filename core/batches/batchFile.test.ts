import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { modelOf, predict } from '../../test/benches/predictions.ts';
import { readPredictions } from '../../test/predictions.ts';
import { predictionsKey } from '../base/keys.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import { byName, type Content } from '../results/predictionColumns.ts';
import { readPredictionFile } from '../results/predictions.ts';
import { makeBatchFile } from './batchFile.ts';

const MODEL = modelOf([
  { value: 30, name: 'many' },
  { value: -1, name: 'none' },
]);
const batch = { id: 'b'.repeat(32), manifest: 'm', offset: 0, length: 1, files: 2, day: '2026-03-01', model: MODEL };
const KEY = predictionsKey(batch, 0);

/** Two contents whose digests begin alike, and so do the ids of their chips. */
const [one, other] = ['1', '2'].map((digit) => contentOf(`${'0123456789abcdef'}${digit.repeat(48)}`)) as [
  Content,
  Content,
];

function contentOf(digest: string): Content {
  return { run: `run of ${digest}`, digest };
}

/** So many chips of a content, the first class being as likely as said. */
const chipsOf = (content: Content, probability: number, count = 2) => {
  const rows = Array.from({ length: count }, () => [probability, 1 - probability]);
  return byName(predict(MODEL, rows, { ...content, scene: 'a scene' }).predictions);
};

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
      { batch, execution: 'arn:sweep', attempt, openedAt: '2026-11-19T10:00:00.000Z' },
      async () => MODEL,
    );
  const rows = async () =>
    (await readPredictions(stored!.bytes)).rows.map(({ digest, index, p_30 }) => [digest?.[16] ?? null, index, p_30]);
  const origins = async () => (await readPredictions(stored!.bytes)).rows.map(({ run, scene }) => [run, scene]);
  return { fileOf, rows, origins, put, bytes: () => stored!.bytes, writes: () => writes };
}

describe('contents whose digests begin with the same sixteen digits', () => {
  test('are kept apart: each has its own rows, and one is removed without the other', async () => {
    const bucket = makeBucket();
    const file = bucket.fileOf(1);
    file.add(chipsOf(one, 0.25));
    file.add(chipsOf(other, 0.75, 1));
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

  test('are both kept when another attempt has written one of them in the meantime', async () => {
    const bucket = makeBucket();
    const [early, late] = [bucket.fileOf(1), bucket.fileOf(2)];
    await late.read();
    early.add(chipsOf(one, 0.25, 1));
    await early.write([one]);
    late.add(chipsOf(other, 0.75, 1));
    await late.write([one, other]);
    assert.deepEqual(await bucket.rows(), [
      ['1', 0, 0.25],
      ['2', 0, 0.75],
    ]);
  });

  test('are read back as the rows of their own runs', async () => {
    const bucket = makeBucket();
    const file = bucket.fileOf(1);
    file.add(chipsOf(one, 0.25));
    file.add(chipsOf(other, 0.75, 1));
    await file.write([one, other]);
    const rowOf = (content: Content) => ({ ...content, batch: batch.id }) as LedgerRow;
    const read = async (...contents: Content[]) =>
      (await readPredictionFile(async () => bucket.bytes(), { key: KEY, rows: contents.map(rowOf) })).map(
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

describe('the same content', () => {
  const again = { ...one, run: 'another run' };

  test('replaces the stored rows when another run classifies it, so that they name that run', async () => {
    const bucket = makeBucket();
    const file = bucket.fileOf(1);
    file.add(chipsOf(one, 0.25, 1));
    await file.write([one]);
    const next = bucket.fileOf(2);
    await next.read();
    next.add(chipsOf(again, 0.75, 1));
    await next.write([again]);
    assert.deepEqual(await bucket.rows(), [['1', 0, 0.75]]);
    const readAs = async (content: Content) => {
      const rows = [{ ...content, batch: batch.id } as LedgerRow];
      return (await readPredictionFile(async () => bucket.bytes(), { key: KEY, rows })).map(({ run }) => run);
    };
    assert.deepEqual([await readAs(one), await readAs(again)], [[], ['another run']]);
  });

  test('is stored once, even if several runs have it', async () => {
    const bucket = makeBucket();
    const file = bucket.fileOf(1);
    for (const content of [one, again]) file.add(chipsOf(content, 0.25, 1));
    await file.write([one, again]);
    assert.deepEqual(await bucket.origins(), [['another run', 'a scene']]);
  });
});

test('another content of the same run replaces the stored rows', async () => {
  const bucket = makeBucket();
  const file = bucket.fileOf(1);
  file.add(chipsOf(one, 0.25, 1));
  await file.write([one]);
  const changed = { ...other, run: one.run };
  file.add(chipsOf(changed, 0.75, 1));
  await file.write([changed]);
  assert.deepEqual(await bucket.rows(), [['2', 0, 0.75]]);
});
