import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { modelOf } from '../../../test/benches/predictions.ts';
import { MAX_QUEUE_MESSAGE_BYTES } from '../../base/limits.ts';
import { parquetFile } from '../../tables/parquet.ts';
import { taskNamed } from '../../tasks/registry.ts';
import { readTableOfTruths } from './tableOfTruths.ts';
import { merged, type Told } from './toldTruths.ts';
import type { Truth, TruthJson } from './truth.ts';
import { chipInWords, encodeTruths, isTruthsMessage, parseTruths, splitTruths, toTruth } from './truth.ts';
import { truthReader } from './truthReader.ts';

const AT = '2026-03-02T10:00:00.000Z';
const bytesOf = (text: string) => new TextEncoder().encode(text);
const said = ({ chip, says }: Truth) => ({ chip, says });
const inScene = (index: number, says: Truth['says']) => ({
  chip: { kind: 'scene', key: 's', version: null, index, digits: null },
  says,
});

/**
 * Written by Apache Arrow 26.0.1: pq.write_table(pa.table({'scene': pa.array(['s'] * 2), 'index': pa.array([7, 8]), 'truth': pa.array([2, None],
 * pa.int32())}), file, compression=…, use_dictionary=False, write_statistics=False, store_schema=False).
 */
const PACKED = {
  zstd: 'UEFSMRUAFSAVMiwVBBUAFQYVBhwAAAAotS/9IBCBAAACAAAABAEBAAAAcwEAAABzFQAVLBU+LBUEFQAVBhUGHAAAACi1L/0gFrEAAAIAAAAEAQcAAAAAAAAACAAAAAAAAAAVABUUFSYsFQQVABUGFQYcAAAAKLUv/SAKUQAAAgAAAAMBAgAAABUEGUw1ABgGc2NoZW1hFQYAFQwlAhgFc2NlbmUlAEwcAAAAFQQlAhgFaW5kZXgAFQIlAhgFdHJ1dGgAFgQZHBk8JgAcFQwZJQYAGRgFc2NlbmUVDBYEFkYWWCYISRwVABUAFQIAPBYEGQYZJgAEAAAAJgAcFQQZJQYAGRgFaW5kZXgVDBYEFlIWZCZgSRwVABUAFQIAPCkGGSYABAAAACYAHBUCGSUGABkYBXRydXRoFQwWBBY6FkwmxAFJHBUAFQAVAgA8KQYZJgICAAAAFtIBFgQmCBaIAgAoIHBhcnF1ZXQtY3BwLWFycm93IHZlcnNpb24gMjYuMC4xGTwcAAAcAAAcAAAABwEAAFBBUjE=',
  gzip: 'UEFSMRUAFSAVPiwVBBUAFQYVBhwAAAAfiwgAAAAAAAIDY2JgYGBhZASSxWACAO6Xiz8QAAAAFQAVLBVALBUEFQAVBhUGHAAAAB+LCAAAAAAAAgNjYmBgYGFkZ4AADigNAOWHayQWAAAAFQAVFBU4LBUEFQAVBhUGHAAAAB+LCAAAAAAAAgNjYmBgYGZkApIA3iuC9goAAAAVBBlMNQAYBnNjaGVtYRUGABUMJQIYBXNjZW5lJQBMHAAAABUEJQIYBWluZGV4ABUCJQIYBXRydXRoABYEGRwZPCYAHBUMGSUGABkYBXNjZW5lFQQWBBZGFmQmCEkcFQAVABUCADwWBBkGGSYABAAAACYAHBUEGSUGABkYBWluZGV4FQQWBBZSFmYmbEkcFQAVABUCADwpBhkmAAQAAAAmABwVAhklBgAZGAV0cnV0aBUEFgQWOhZeJtIBSRwVABUAFQIAPCkGGSYCAgAAABbSARYEJggWqAIAKCBwYXJxdWV0LWNwcC1hcnJvdyB2ZXJzaW9uIDI2LjAuMRk8HAAAHAAAHAAAAAcBAABQQVIx',
  brotli:
    'UEFSMRUAFSAVJiwVBBUAFQYVBhwAAAAbDwAABDbGVBrzVYvEUsRxwLQDFQAVLBUkLBUEFQAVBhUGHAAAABsVAACEsc0i+GqEl0KkiuXwBxUAFRQVHCwVBBUAFQYVBhwAAACLBIACAAAAAwECAAAAAxUEGUw1ABgGc2NoZW1hFQYAFQwlAhgFc2NlbmUlAEwcAAAAFQQlAhgFaW5kZXgAFQIlAhgFdHJ1dGgAFgQZHBk8JgAcFQwZJQYAGRgFc2NlbmUVCBYEFkYWTCYISRwVABUAFQIAPBYEGQYZJgAEAAAAJgAcFQQZJQYAGRgFaW5kZXgVCBYEFlIWSiZUSRwVABUAFQIAPCkGGSYABAAAACYAHBUCGSUGABkYBXRydXRoFQgWBBY6FkImngFJHBUAFQAVAgA8KQYZJgICAAAAFtIBFgQmCBbYAQAoIHBhcnF1ZXQtY3BwLWFycm93IHZlcnNpb24gMjYuMC4xGTwcAAAcAAAcAAAABwEAAFBBUjE=',
  snappy:
    'UEFSMRUAFSAVJCwVBBUAFQYVBhwAAAAQPAIAAAAEAQEAAABzAQAAAHMVABUsFTAsFQQVABUGFQYcAAAAFlQCAAAABAEHAAAAAAAAAAgAAAAAAAAAFQAVFBUYLBUEFQAVBhUGHAAAAAokAgAAAAMBAgAAABUEGUw1ABgGc2NoZW1hFQYAFQwlAhgFc2NlbmUlAEwcAAAAFQQlAhgFaW5kZXgAFQIlAhgFdHJ1dGgAFgQZHBk8JgAcFQwZJQYAGRgFc2NlbmUVAhYEFkYWSiYISRwVABUAFQIAPBYEGQYZJgAEAAAAJgAcFQQZJQYAGRgFaW5kZXgVAhYEFlIWViZSSRwVABUAFQIAPCkGGSYABAAAACYAHBUCGSUGABkYBXRydXRoFQIWBBY6Fj4mqAFJHBUAFQAVAgA8KQYZJgICAAAAFtIBFgQmCBbeAQAoIHBhcnF1ZXQtY3BwLWFycm93IHZlcnNpb24gMjYuMC4xGTwcAAAcAAAcAAAABwEAAFBBUjE=',
};

describe('a truth names its chip', () => {
  for (const [json, words] of [
    [{ request: 'r-1', id: 'a', truth: 'cows-1' }, 'the input “a” of the request r-1'],
    [{ request: 'r-1', index: 3, truth: 1 }, 'the input 3 of the request r-1'],
    [{ scene: 'a/b.csv', index: 3, truth: 1.5 }, 'the chip 3 of “a/b.csv”'],
    [{ scene: 'a', sceneVersion: 'v1', chip: '0123456789abcdef-7', truth: 1 }, 'the chip 7 of “a”'],
    [{ scene: 'a', index: 3, truth: ['fire', 'smoke'] }, 'the chip 3 of “a”'],
    [{ request: 'r-1', id: 'a', truth: [] }, 'the input “a” of the request r-1'],
  ] as const)
    test(`by ${JSON.stringify(json)}`, () => {
      assert.equal(chipInWords(toTruth(json, AT, 'line 2').chip), words);
    });

  test('by its scene if both the scene and the request are named', () => {
    const inOther = { request: 'r-1', index: 0, scene: 's', chip: '0123456789abcdef-4', truth: 1 };
    assert.partialDeepStrictEqual(toTruth(inOther, AT, 'line 2').chip, { kind: 'scene', index: 4 });
    const { chip } = toTruth({ request: 'r-1', id: 'a', scene: 's', index: 4, truth: 1 }, AT, 'line 2');
    assert.deepEqual(chip, { kind: 'scene', key: 's', version: null, index: 4, digits: null });
  });

  for (const [json, says] of [
    [{ truth: 1 }, /^line 2: found nothing to name a chip by, allowed are a request and its input's id/],
    [{ request: 'r-1', truth: 1 }, /^line 2: found request to name a chip by/],
    [{ chip: '0123456789abcdef-7', truth: 1 }, /^line 2: found chip to name a chip by/],
    [{ scene: 's', id: 'a', truth: 1 }, /^line 2: found id, scene to name a chip by/],
    [{ request: 'r-1', index: 1000, truth: 1 }, /its place as index below 1000/],
    [{ scene: 's', index: 1 }, /^line 2: truth: /],
    [{ scene: 's', index: -1, truth: 1 }, /^line 2: index: “allowed is a whole number from 0 on”\.$/],
    [
      { scene: 's', index: 6, chip: '0123456789abcdef-7', truth: 1 },
      /^line 2: found the index 6 beside the chip 0123456789abcdef-7, allowed is one and the same chip/,
    ],
    [{ scene: 's', chip: '17', truth: 1 }, /^line 2: chip: “allowed is an id as the predictions have it/],
    [{ request: '../x', id: 'a', truth: 1 }, /^line 2: request: “allowed is a name/],
    [{ scene: 's', sceneVersion: '', index: 1, truth: 1 }, /^line 2: sceneVersion/],
    [{ scene: 's', index: 1, truth: 1, label: 2 }, /^line 2: .*label/],
    [{ scene: 's', index: 1, truth: [1] }, /^line 2: truth/],
    [{ scene: 's', index: 1, truth: Array(1001).fill('a') }, /^line 2: truth/],
    [null, /^line 2: /],
  ] as const)
    test(`or is refused: ${JSON.stringify(json)}`, () => {
      assert.throws(() => toTruth(json, AT, 'line 2'), { name: 'InvalidMessage', message: says });
    });
});

describe('a table of truths', () => {
  /** The truths of the chips of s, from the seventh on. */
  const tableOf = (type: 'INT32' | 'DOUBLE', ...truths: (number | null)[]) => {
    const columns = { scene: 'STRING', index: 'INT64', truth: type } as const;
    const rows = truths.map((truth, i) => ['s', BigInt(7 + i), truth]);
    return parquetFile(
      Object.entries(columns).map(([name, type]) => ({ name, type })),
      rows,
    );
  };

  test('is accepted with the allowed number of truths, and refused with one more', async () => {
    const table = (rows: number) => bytesOf(`scene,index,truth\n${'s,1,1\n'.repeat(rows)}`);
    assert.equal((await readTableOfTruths('a.csv', table(3), AT, 3)).truths.length, 3);
    await assert.rejects(readTableOfTruths('a.csv', table(4), AT, 3), /found more than 3 truths/);
  });

  test('finds its columns by the names of the contract or of the predictions, and skips rows without a truth', async () => {
    const text =
      'constructor,Request_ID,member,scene,index,chip_id,truth\n0.5,r-1,a,,,, cows 1 \n0.5,,,s,7,,2\n0.5,,,s,8,,\n';
    const { truths, empty } = await readTableOfTruths('a.csv', bytesOf(text), AT);
    assert.equal(empty, 1);
    const first = { chip: { kind: 'request', request: 'r-1', id: 'a', index: null }, says: 'cows 1', where: 'line 2' };
    assert.deepEqual(
      truths,
      [first, { ...inScene(7, '2'), where: 'line 3' }].map((one) => ({ ...one, at: AT })),
    );
  });

  test('names files and inputs exactly, also where blanks are a part of their names', async () => {
    const text = 'scene,index,truth,request,id\n" a.tif ",7,2,,\n,,2,r-1, x\n';
    const { truths } = await readTableOfTruths('a.csv', bytesOf(text), AT);
    const [scene, input] = truths.map(({ chip }) => chip);
    assert.partialDeepStrictEqual([scene, input], [{ key: ' a.tif ' }, { request: 'r-1', id: ' x' }]);
  });

  test('has no blanks in its names where people have written some behind the commas of its header', async () => {
    const { truths } = await readTableOfTruths('a.csv', bytesOf('index, scene, truth\n7, s, 2\n'), AT);
    assert.deepEqual(truths.map(said), [inScene(7, '2')]);
  });

  test('may have several labels in a cell, whichever its delimiter is', async () => {
    for (const text of ['scene,index,truth\ns,7,fire;smoke\n', 'scene;index;truth\ns;7;"fire;smoke"\n']) {
      const { truths } = await readTableOfTruths('a.csv', bytesOf(text), AT);
      assert.deepEqual(truths.map(said), [inScene(7, 'fire;smoke')]);
    }
  });

  test('may be Parquet', async () => {
    const file = await tableOf('INT32', 2, null);
    const { truths, empty } = await readTableOfTruths('a.parquet', file, AT);
    assert.deepEqual([truths.map(said), empty], [[inScene(7, 2)], 1]);
    assert.equal(truths[0]!.where, 'row 0');
    await assert.rejects(readTableOfTruths('a.parquet', file.subarray(0, 40), AT), /cannot be read as Parquet/);
    const other = await parquetFile([{ name: 'class', type: 'STRING' }], [['s']]);
    await assert.rejects(
      readTableOfTruths('a.parquet', other, AT),
      /^InvalidMessage: a\.parquet: found the columns “class”/,
    );
  });

  test('of Parquet skips NULL, and NaN is refused with its row', async () => {
    for (const number of [Number.NaN, Infinity]) {
      const message = `row 1: found ${number} as truth, allowed is a text, a finite number or a list of labels; NULL says nothing yet.`;
      const reading = readTableOfTruths('a.parquet', await tableOf('DOUBLE', null, number), AT);
      await assert.rejects(reading, { name: 'InvalidMessage', message });
    }
  });

  for (const [packed, base64] of Object.entries(PACKED))
    test(`of Parquet may be compressed with ${packed}`, async () => {
      const { truths, empty } = await readTableOfTruths('a.parquet', Buffer.from(base64, 'base64'), AT);
      assert.deepEqual([truths.map(said), empty], [[inScene(7, 2)], 1]);
    });

  test('of Parquet may have lists of labels, where an empty list means no label and NULL is skipped', async () => {
    const { truths, empty } = await readTableOfTruths('a.parquet', Buffer.from(LISTS, 'base64'), AT);
    const wanted = [['fire', 'cloud'], []].map((truth, i) => inScene(1 + i, truth));
    assert.deepEqual([truths.map(said), empty], [wanted, 1]);
  });

  for (const [what, text, says] of [
    ['without a truth', 'scene,index\ns,1\n', /^a\.csv: found the columns “scene, index”, allowed are truth;/],
    ['of truths alone', 'truth,x\n1,2\n', /found the columns “truth, x”/],
    ['with two columns for one', 'scene,file,index,truth\ns,s,1,1\n', /found two columns for scene, allowed is one/],
    ['with too few columns to name a chip by', 'scene,truth\ns,1\n', /^a\.csv: found the columns “scene, truth”/],
    ['with an invalid index', 'scene,index,truth\ns,1,1\n\ns,1.5,1\n', /^line 4: found “1.5” as index, allowed/],
    ['with a chip that is not named', 'scene,index,truth\ns,,1\n', /^line 2: found scene to name a chip by/],
    ['with a row that is too short', 'scene,index,truth\ns,1\n', /^a\.csv: line 2: found 2 cells, allowed are 3/],
    ['with a quote that is not closed', 'scene,index,truth\n"s,1,1\n', /^a\.csv: line 2: the quote of a cell/],
    ['that is a workbook of Excel', 'PK\x03\x04\x14', /found a zip archive, as a workbook of Excel is; .* as CSV\.$/],
    ['without a row', 'scene,index,truth\n', /found no row, allowed is at least one/],
    ['that is empty', '', /found (no row|the columns)/],
  ] as const)
    test(`${what} is refused`, async () => {
      const refused = { name: 'InvalidMessage', message: says };
      await assert.rejects(readTableOfTruths('a.csv', bytesOf(text), AT), refused);
    });
});

/**
 * Written by DuckDB's Node API 1.5.5-r.5: COPY (SELECT 's' AS scene, i AS index, CASE WHEN i = 1 THEN ['fire', 'cloud'] WHEN i = 2 THEN [] END AS truth
 * FROM range(1, 4) t(i)) TO 'lists.parquet'.
 */
const LISTS =
  'UEFSMRUAFSoVLiwVBhUAFQYVBgAAFVACAAAABgEBAAAAcwEAAABzAQAAAHMVABU8FTYsFQYVABUGFQYAAB4cAgAAAAYBAQAJAQEOLAAAAAADAAAAAAAAABUAFfYBFVQsFQgVABUGFQYAAHsYIQAAAEECAHYBAABBASUAH3YkAIIBAEAEAAAAZmlyZQUAAABjbG91ZBUCGWw1ABgNZHVja2RiX3NjaGVtYRUGABUMJQIYBXNjZW5lJQAAFQQlAhgFaW5kZXglJAA1AhgFdHJ1dGgVAhUGADUEGARsaXN0FQIAFQwlAhgHZWxlbWVudCUAABYGGRwZPCYAHBUMGRUAGRgFc2NlbmUVAhYGFkwWUCYIPBgBcxgBcxYAKAFzGAFzEREAAAAmABwVBBkVABkYBWluZGV4FQIWBhZeFlgmWDwYCAMAAAAAAAAAGAgBAAAAAAAAABYAKAgDAAAAAAAAABgIAQAAAAAAAAAREQAAACYAHBUMGRUAGTgFdHJ1dGgEbGlzdAdlbGVtZW50FQIWCBaaAhZ4JrABPBgEZmlyZRgFY2xvdWQWBCgEZmlyZRgFY2xvdWQREQAAABbEAxYGJggWoAIAKChEdWNrREIgdmVyc2lvbiB2MS41LjUgKGJ1aWxkIGQ4Y2RhYTMzZmQpGTwcAAAcAAAcAAAAZwEAAFBBUjE=';

describe('a message of truths', () => {
  const truths: TruthJson[] = [{ request: 'r-1', id: 'a\uffff', truth: 'cows-1' }];
  const message = { model: 'digits', at: AT, truths };

  test('is read back as it was written, in characters that a queue accepts', () => {
    const text = encodeTruths(message);
    assert.ok(isTruthsMessage(text) && !/[\n\ufffe\uffff]/.test(text));
    assert.partialDeepStrictEqual(parseTruths(text), message);
    assert.equal(isTruthsMessage('{"id": "truth"}'), false);
  });

  test('is split into several that fit into a queue', () => {
    const many = Array.from({ length: 1000 }, (_, i) => ({ request: 'r', id: `${i} ${'x'.repeat(900)}`, truth: i }));
    const messages = splitTruths({ model: 'digits', at: AT }, many);
    assert.ok(messages.length > 1);
    const sizes = messages.map((one) => Buffer.byteLength(one));
    for (const size of sizes) assert.ok(size <= MAX_QUEUE_MESSAGE_BYTES);
    for (const size of sizes.slice(0, -1)) assert.ok(size > MAX_QUEUE_MESSAGE_BYTES - 1000, 'another one would fit');
    const again = messages.flatMap((one) => parseTruths(one).truths);
    assert.deepEqual(again, many);
  });

  for (const [text, says] of [
    ['{"truth": ', /that starts with .* and is not JSON/],
    ['{"truth": {}}', /^Truths cannot be joined: truth\.model: “/],
    ['null', /^Truths cannot be joined: “Invalid/],
    [encodeTruths({ ...message, truths: [] }), /truth\.truths/],
    [
      encodeTruths({ ...message, truths: [{ request: 'r-1', truth: 1 }] }),
      /^truths\[0\]: found request to name a chip/,
    ],
  ] as const)
    test(`or is refused: ${text.slice(0, 60)}`, () => assert.throws(() => parseTruths(text), { message: says }));
});

describe('the truth of a chip', () => {
  const model = modelOf(['fire', 'smoke'].map((name, value) => ({ value, name })));
  const of = (task: string) => ({ ...model, task: taskNamed(task) });
  const read = (task: string, truth: TruthJson['truth']) =>
    truthReader(of(task))(toTruth({ scene: 's', index: 1, truth }, AT, 'line 2'));

  test('is read as its task needs it', () => {
    assert.equal(read('classification', 'smoke'), 1);
    assert.equal(read('regression', 2.5), 2.5);
    assert.equal(read('regression', -3.4e38), -3.4e38);
    assert.equal(read('multilabel', ['smoke', 'fire']), 'fire, smoke');
    assert.equal(read('multilabel', 'no label'), '');
  });

  for (const [task, truth, says] of [
    [
      'classification',
      ['fire'],
      /^line 2: the truth of the chip 1 of “s” for model 1\.0\.0: found a list of 1, allowed is one integer of 0, 1\.$/,
    ],
    ['regression', [], /found a list of 0, allowed is one finite number of at most 3\.4e38\.$/],
    ['regression', -Number.MAX_VALUE, /found “-1\.79\d+e\+308”, allowed is one finite number of at most 3\.4e38/],
    [
      'multilabel',
      'fire;fog',
      /^line 2: the truth of the chip 1 of “s” for model 1\.0\.0: found the label “fog”, allowed are labels of /,
    ],
    [
      'segmentation',
      'fire',
      /^The truth of chips that model 1\.0\.0 has predicted is a mask: found a word, allowed is the path of a GeoTIFF in a table for "swath truth"/,
    ],
  ] as const)
    test(`is refused: ${JSON.stringify(truth)} of a ${task}`, () =>
      assert.throws(() => read(task, truth), { name: 'InvalidMessage', message: says }));
});

describe('the final truth of a chip', () => {
  const at = fc.constantFrom(AT, '2026-03-02T11:00:00.000Z', '2026-03-02T12:00:00.000Z');
  const seed = fc.option(fc.nat(2));
  const told = fc.record(
    { index: fc.nat(3), truth: fc.nat(3), at, isChosen: fc.boolean(), seed },
    { noNullPrototype: true },
  );
  const empty = new Map<number, Told>();
  const NOW = new Date('2026-03-02T12:00:00.000Z');

  test('does not depend on the order or repetition of its truths', () => {
    fc.assert(
      fc.property(fc.array(told), fc.array(told), (some, others) => {
        const one = merged(merged(empty, some, NOW).truths, others, NOW).truths;
        const other = merged(merged(merged(empty, others, NOW).truths, some, NOW).truths, others, NOW).truths;
        const inOrder = (of: typeof one) => [...of.values()].toSorted((a, b) => a.index - b.index);
        assert.deepEqual(inOrder(one), inOrder(other));
        assert.equal(merged(one, [...some, ...others], NOW).isChanged, false);
      }),
    );
  });

  test('is the latest one, as in a naive implementation', () => {
    fc.assert(
      fc.property(fc.array(told), (words) => {
        for (const [index, word] of merged(empty, words, NOW).truths) {
          const own = words.filter((one) => one.index === index);
          const times = own.map((one) => one.at).sort();
          assert.equal(word.at, times.at(-1));
          assert.equal(
            word.isChosen,
            own.every(({ isChosen }) => isChosen),
            'once drawn at random, it counts',
          );
          assert.equal(word.truth, Math.max(...own.filter((one) => one.at === word.at).map(({ truth }) => truth)));
        }
      }),
    );
  });

  test('does not depend on the order of labels with the same time', () => {
    const words = ['fire', 'fire, smoke', ''].map((truth) => ({ index: 1, truth, at: AT, isChosen: false }));
    for (const some of [words, words.toReversed()])
      assert.equal(merged(empty, some, NOW).truths.get(1)!.truth, 'fire, smoke');
  });

  test('is the one that was sent once the clock was right, not the one from when it was a month ahead', () => {
    const month = 30 * 24 * 60 * 60_000;
    const said = (truth: number, past: number) => {
      return { index: 1, truth, at: new Date(NOW.getTime() + past).toISOString(), isChosen: false, seed: null };
    };
    const ahead = merged(empty, [said(1, month)], new Date(NOW.getTime() + month)).truths;
    const { truths, counts } = merged(ahead, [said(0, 0)], NOW);
    assert.deepEqual([truths.get(1)!.truth, counts], [0, { joined: 0, corrected: 1, known: 0 }]);
    assert.equal(merged(truths, [said(0, 0)], NOW).isChanged, false);
    const fromThen = merged(ahead, [said(2, month - 1)], NOW);
    assert.equal(fromThen.isChanged, false, 'of two from then, the later one still counts');
    const secondsAhead = merged(empty, [said(1, 30_000)], NOW).truths;
    assert.equal(merged(secondsAhead, [said(0, 0)], NOW).isChanged, false, 'correct clocks differ by as much');
  });
});
