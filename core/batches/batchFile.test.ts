import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { batchOf } from '../../test/benches/ledgerRows.ts';
import { modelOf, predict } from '../../test/benches/predictions.ts';
import { readPredictions } from '../../test/predictions.ts';
import { ClaimLost } from '../base/errors.ts';
import { predictionsKey } from '../base/keys.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import { byName, type Content } from '../results/predictionColumns.ts';
import { readPredictionFile } from '../results/predictions.ts';
import { makeBatchFile } from './batchFile.ts';

/** How the one file of a batch's predictions is written, in a bucket of the test's own. */

const model = modelOf(['one', 'two'].map((name, i) => ({ value: i + 1, name })));
const batch = batchOf({ files: 3, model });
const KEY = predictionsKey(batch, 0);
/** Contents whose digests begin alike, and so do the ids of their chips. */
const contentOf = (letter: string) => ({ run: `run ${letter}`, digest: `0123456789abcdef${letter.repeat(48)}` });
const [a, b, c] = [contentOf('a'), contentOf('b'), contentOf('c')];

type Found = { bytes: Uint8Array; version: string } | null;

function makeBucket() {
  let found: Found = null;
  let versions = 0;
  const bucket = {
    held: 0,
    replaced: 0,
    /** What happens before a write that is on its way. */
    meanwhile: async (): Promise<void> => {},
    isAnswerLost: false,
    /** Which of those that make sure that they hold the batch is told that they do not, or nothing. */
    lostFrom: Number.POSITIVE_INFINITY,
    trouble: undefined as Error | undefined,
    put: (bytes: Uint8Array) => {
      versions += 1;
      found = { bytes, version: `v${versions}` };
      return found.version;
    },
    remove: () => {
      found = null;
    },
    version: () => found?.version,
    /** The contents that are in it, by their letter, and how many chips of each. */
    contents: async () => {
      const { rows } = found === null ? { rows: [] } : await readPredictions(found.bytes);
      return rows.map(({ digest, index, label }) => `${digest?.at(-1)}-${index}: ${label}`);
    },
    /** The runs and classes that a reader finds for these contents. */
    readAs: async (...contents: Content[]) => {
      const rows = contents.map((content) => ({ ...content, batch: batch.id }) as LedgerRow);
      const chips = await readPredictionFile(async () => found!.bytes, { key: KEY, rows });
      return chips.map(({ run, text }) => `${run}: ${text}`);
    },
    file: (attempt = 1, openedAt = '2026-11-19T10:00:00.000Z') =>
      makeBatchFile(
        {
          readVersion: async (key) => {
            assert.equal(key, KEY);
            return found;
          },
          replaceVersion: async (key, bytes, version) => {
            assert.equal(key, KEY);
            bucket.replaced += 1;
            assert.ok(bucket.replaced < 9, 'it goes on for ever');
            const { meanwhile } = bucket;
            bucket.meanwhile = async () => {};
            await meanwhile();
            if ((found?.version ?? null) !== version) return null;
            const written = bucket.put(bytes);
            if (bucket.trouble !== undefined) throw bucket.trouble;
            return bucket.isAnswerLost ? null : written;
          },
          removeVersion: async (version) => {
            assert.equal(version.key, KEY);
            if (found?.version === version.version) found = null;
          },
          assertHeld: async () => {
            bucket.held += 1;
            if (bucket.held >= bucket.lostFrom) throw new ClaimLost('another one has it');
          },
        },
        { batch, attempt, execution: 'e', openedAt },
        async () => model,
      ),
  };
  return bucket;
}

/** So many chips of a content, each given a class. */
function chipsOf(content: Content, count = 1, winner = 0) {
  const rows = Array.from({ length: count }, () => [1 - winner, winner]);
  return byName(predict(model, rows, { ...content, scene: 'a scene' }).predictions);
}

/** A bucket, and the first attempt's file of a chip of each content. */
function withChipsOf(...contents: Content[]) {
  const bucket = makeBucket();
  const file = bucket.file();
  for (const content of contents) file.add(chipsOf(content));
  return { bucket, file };
}

describe("a batch's predictions", () => {
  test('are written for exactly the given contents', async () => {
    const bucket = makeBucket();
    const file = bucket.file();
    file.add(chipsOf(a, 2));
    file.add(chipsOf(b));
    await file.write([a, b]);
    assert.deepEqual(await bucket.contents(), ['a-0: 1', 'a-1: 1', 'b-0: 1']);
    await file.write([b]);
    assert.deepEqual([await bucket.contents(), bucket.held, bucket.replaced], [['b-0: 1'], 4, 2]);
    await file.write([a]);
    assert.deepEqual(await bucket.contents(), ['a-0: 1', 'a-1: 1'], 'also where others are as many');
  });

  test('from an earlier attempt are kept or left out, without being classified again', async () => {
    const bucket = makeBucket();
    const before = bucket.file();
    for (const content of [a, b]) before.add(chipsOf(content, 2));
    await before.write([a, b]);
    const after = bucket.file(2);
    await after.read();
    after.add(chipsOf(c));
    await after.write([b, c]);
    assert.deepEqual(await bucket.contents(), ['b-0: 1', 'b-1: 1', 'c-0: 1']);
  });

  test('are not written again if the file has them already', async () => {
    const bucket = makeBucket();
    const file = bucket.file();
    await file.write([]);
    assert.equal(bucket.version(), undefined, 'nothing of nothing');
    file.add(chipsOf(a));
    assert.deepEqual([await file.write([a]), await file.write([a])], [true, false]);
    assert.equal(bucket.replaced, 1);
    const anew = bucket.file(1);
    await anew.read();
    assert.equal(await anew.write([a]), false);
    assert.equal(bucket.replaced, 1);
  });

  test('are rewritten once by each later attempt, even if they are the same', async () => {
    const { bucket, file } = withChipsOf(a);
    await file.write([a]);
    const before = bucket.version();
    const after = bucket.file(2);
    await after.read();
    await after.write([a]);
    assert.notEqual(bucket.version(), before, 'a write of the other one does not find what it has read');
    await after.write([a]);
    assert.deepEqual([bucket.replaced, await bucket.contents()], [2, ['a-0: 1']]);
    const third = bucket.file(3);
    await third.read();
    await third.write([]);
    await third.write([]);
    assert.deepEqual([bucket.replaced, await bucket.contents()], [3, []]);
  });

  test('are read back as the rows of their own runs', async () => {
    const bucket = makeBucket();
    const file = bucket.file();
    file.add(chipsOf(a, 2));
    file.add(chipsOf(b, 1, 1));
    await file.write([a, b]);
    assert.deepEqual(await bucket.readAs(a, b), ['run a: one', 'run a: one', 'run b: two']);
    assert.deepEqual(await bucket.readAs(b), ['run b: two']);
  });

  test('are those of the last run with the same content, and of the last content of a run', async () => {
    const bucket = makeBucket();
    const file = bucket.file();
    const again = { ...a, run: 'another run' };
    const changed = { ...b, run: a.run };
    for (const content of [a, again]) file.add(chipsOf(content, 1, 1));
    await file.write([a, again]);
    assert.deepEqual([await bucket.readAs(a), await bucket.readAs(again)], [[], ['another run: two']]);
    file.add(chipsOf(changed));
    await file.write([changed]);
    assert.deepEqual(await bucket.contents(), ['b-0: 1']);
  });

  test('are written again if the file was removed in the meantime', async () => {
    const { bucket, file } = withChipsOf(a);
    await file.write([a]);
    bucket.remove();
    await file.read();
    await file.write([a]);
    assert.deepEqual([await bucket.contents(), bucket.replaced], [['a-0: 1'], 2]);
  });

  test('have no rows for a content that is not known any more', async () => {
    const bucket = makeBucket();
    await bucket.file().write([a]);
    assert.deepEqual([await bucket.contents(), bucket.replaced], [[], 1]);
  });

  test('are empty before anything is written, and when all is left out', async () => {
    const bucket = makeBucket();
    const file = bucket.file();
    assert.equal(file.isEmpty(), true);
    file.add(chipsOf(a));
    assert.equal(file.isEmpty(), true, 'it is not written yet');
    await file.write([a]);
    assert.equal(file.isEmpty(), false);
    await file.write([]);
    assert.equal(file.isEmpty(), true);
  });
});

describe('when another attempt writes the file at the same time', () => {
  test('the write is repeated, with the given contents and the predictions of this attempt', async () => {
    const { bucket, file } = withChipsOf(a);
    bucket.meanwhile = async () => {
      const other = bucket.file(2);
      for (const content of [a, b]) other.add(chipsOf(content, 1, 1));
      await other.write([a, b]);
    };
    await file.write([a]);
    assert.deepEqual(await bucket.contents(), ['a-0: 1']);
    assert.equal(bucket.held, 5, 'each makes sure that it holds the batch: before each try, and when it has written');
  });

  test('the write is repeated if the other attempt removed the file', async () => {
    const { bucket, file } = withChipsOf(a, b);
    await file.write([a]);
    bucket.meanwhile = async () => bucket.remove();
    await file.write([a, b]);
    assert.deepEqual([await bucket.contents(), bucket.replaced], [['a-0: 1', 'b-0: 1'], 3]);
  });

  test('the write is not repeated if the other attempt wrote the same bytes', async () => {
    const { bucket, file } = withChipsOf(a);
    bucket.meanwhile = async () => {
      const other = bucket.file(2);
      other.add(chipsOf(a));
      await other.write([a]);
    };
    await file.write([a]);
    assert.deepEqual([await bucket.contents(), bucket.replaced], [['a-0: 1'], 2]);
  });

  test('the write is not repeated if it was its own and only the response was lost', async () => {
    const bucket = makeBucket();
    const file = bucket.file(2);
    file.add(chipsOf(a));
    bucket.isAnswerLost = true;
    assert.equal(await file.write([a]), true);
    assert.deepEqual([await bucket.contents(), bucket.replaced], [['a-0: 1'], 1]);
    bucket.isAnswerLost = false;
    await file.write([]);
    assert.deepEqual([await bucket.contents(), bucket.replaced], [[], 2], 'and one knows what is there');
  });
});

describe('when the claim to the batch is lost by the time of a write', () => {
  test('the written file is removed, if there was none before', async () => {
    const { bucket, file } = withChipsOf(a, b);
    bucket.lostFrom = 2; // it was held before the write
    await assert.rejects(file.write([a]), ClaimLost);
    assert.deepEqual([bucket.replaced, bucket.version()], [1, undefined]);
  });

  test('the previous file is restored', async () => {
    const { bucket, file } = withChipsOf(a, b);
    await file.write([a]);
    bucket.lostFrom = 4;
    await assert.rejects(file.write([a, b]), ClaimLost);
    assert.deepEqual([bucket.replaced, await bucket.contents()], [3, ['a-0: 1']]);
  });

  test('a file that the new owner has written since is left as it is', async () => {
    const { bucket, file } = withChipsOf(a, b);
    const other = bucket.file(2);
    other.add(chipsOf(c, 1, 1));
    bucket.lostFrom = 2;
    await assert.rejects(file.write([a]), ClaimLost);
    bucket.lostFrom = Number.POSITIVE_INFINITY;
    await other.write([c]);
    bucket.lostFrom = bucket.held + 1;
    await assert.rejects(file.write([a]), ClaimLost);
    assert.deepEqual(await bucket.contents(), ['c-0: 2']);
  });

  test('a file with the same bytes stays if the same execution wrote it after it reopened the batch', async () => {
    const { bucket, file } = withChipsOf(a, b);
    bucket.meanwhile = async () => {
      const anew = bucket.file(1, '2026-11-19T10:05:00.000Z');
      anew.add(chipsOf(a));
      await anew.write([a]);
      bucket.lostFrom = bucket.held + 1;
    };
    await file.write([a]).catch((error) => assert.ok(error instanceof ClaimLost));
    assert.deepEqual(await bucket.contents(), ['a-0: 1']);
  });

  test('a write that fails after it stored the file is undone, and can be retried', async () => {
    const { bucket, file } = withChipsOf(a, b);
    bucket.trouble = new Error('no answer');
    await assert.rejects(file.write([a]), /no answer/);
    assert.equal(bucket.version(), undefined);
    bucket.trouble = undefined;
    await file.write([a]);
    assert.deepEqual(await bucket.contents(), ['a-0: 1']);
  });
});
