import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { editedPackage } from '../../../../test/benches/packages.ts';
import { rowModel } from '../../../../test/benches/rowModel.ts';
import { readAgain, readScene } from '../../../../test/benches/sceneFiles.ts';
import { textModel } from '../../../../test/benches/textModel.ts';
import { InvalidSceneFile } from '../../../base/errors.ts';
import type { Chip } from '../../../package/package.ts';
import { HEAD_BYTES } from '../format.ts';
import vectors from './csv.vectors.json' with { type: 'json' };
import { csv } from './format.ts';

const uint8 = await rowModel('uint8');
const bytesOf = (text: string) => new TextEncoder().encode(text);

const read = async (file: Uint8Array, model = uint8, size = 1000) =>
  (await readScene(csv, file, model, { key: 'a.csv', size })).chips;
const again = (file: Uint8Array, index: number, model = uint8) => readAgain(csv, file, index, model, { key: 'a.csv' });
const rowsOf = (chips: readonly Chip[]) => chips.map(({ planes }) => planes.map((plane) => plane[0]!));
const values = async (text: string, model = uint8) => rowsOf(await read(bytesOf(text), model));

describe("files written by Python's csv module are read as Python reads them:", async () => {
  const carry = [{ name: 'note', type: 'STRING' }] as const;
  for (const { what, file: text, rows, notes } of vectors)
    test(what, async () => {
      const file = new Uint8Array(Buffer.from(text, 'base64'));
      assert.equal(csv.sniff(file.subarray(0, HEAD_BYTES), file.length, 'a'), 'maybe');
      for (const size of [1, 7, 1000]) {
        const chips = await read(file, { ...uint8, carry }, size);
        assert.deepEqual(rowsOf(chips), rows);
        for (const [i, { carried }] of chips.entries()) assert.equal(carried?.[0], notes[i] || null);
        assert.deepEqual(await again(file, 3, { ...uint8, carry }), chips[3]);
      }
    });
});

describe('a table is recognised by a delimiter in its first line, or by its name:', () => {
  for (const [head, said, key] of [
    ['A,B\n1,2', 'maybe', 'a'],
    ['A;B', 'maybe', 'a'],
    ['"A\tx"\tB\r\n', 'maybe', 'a'],
    ['\ufeffA,B\n', 'maybe', 'a'],
    ['A\n1,2\n', 'no', 'a'],
    ['"A,B"\n', 'no', 'a'],
    ['A,B\0', 'no', 'a'],
    ['A,B\0', 'no', 'a.csv'],
    ['A,B\n1,2', 'yes', 'a.csv'],
    ['', 'no', 'a.csv'],
    ['A b\n1\n', 'yes', 'a.csv'],
    ['"A"\r\n"1, 2"\r\n', 'yes', 'a.TSV'],
  ] as const)
    test(JSON.stringify([key, head]), () => assert.equal(csv.sniff(bytesOf(head), 1000, key), said));
});

test('a table of one column has texts with commas in quotes', async () => {
  const model = await textModel();
  const chips = (await readScene(csv, bytesOf('\ntext \r\n"good, day"\r\nbad\r\n'), model)).chips;
  assert.deepEqual(
    chips.map(({ texts }) => texts),
    [['good, day'], ['bad']],
  );
});

describe('columns are found by their names,', () => {
  for (const [what, text, rows] of [
    ['in any order, among others', 'x,B,id,A\n9,2,z,1\n', '1,2'],
    ['whatever their capital letters', 'b,a\n2,1\n', '1,2'],
    ['exactly if two differ only in capital letters', 'a,A,b,B\n9,1,9,2\n', '1,2'],
    ['exactly if one of two has its capital letters', 'a,b,B\n1,2,3\n', '1,3'],
    ['with spaces around', 'A , B\n1, 2\n', '1,2'],
    ['also without a final line break and with empty lines', 'A,B\n\n1,2\n\n3,4', '1,2 3,4'],
  ] as const)
    test(what, async () => assert.equal((await values(text)).join(' '), rows));
});

test('numbers may have an exponent, a sign, a point; a float is the nearest one', async () => {
  const floats = await rowModel('float32');
  const found = await values('A,B\n1e2,+.5\n-3.25,0.1\n', floats);
  assert.deepEqual(found.flat(), [100, 0.5, -3.25, Math.fround(0.1)]);
  assert.deepEqual(await values('A,B\n255.0,1e1\n'), [[255, 10]]);
});

test('nan is a missing value of a float, and of no whole number; an empty cell is none', async () => {
  const floats = await rowModel('float32');
  assert.deepEqual((await values('A,B\nnan,1\n2, NaN \n', floats)).flat(), [NaN, 1, 2, NaN]);
  for (const [cell, model, says] of [
    ['NaN', uint8, 'found “NaN”, allowed is a value of uint8'],
    ['', floats, 'found an empty cell, allowed is a number, or NaN for a missing value'],
    ['NA', floats, 'found “NA”, allowed is a number, or NaN for a missing value'],
    ['inf', floats, 'found “inf”, allowed is a number, or NaN for a missing value'],
  ] as const)
    await assert.rejects(values(`A,B\n1,${cell}\n`, model), new InvalidSceneFile(`a.csv: line 2: column B: ${says}`));
});

test('the truth is a class value or its name, and an empty cell says nothing', async () => {
  const chips = await read(bytesOf('A,B,label\n1,1,3\n1,1,cows-1\n1,1,Cows 3plus\n1,1,\n1,1,2.0\n'));
  assert.equal(chips.map(({ truth }) => String(truth)).join(), '3,1,3,null,2');
  assert.deepEqual((await read(bytesOf('A,B\n1,1\n')))[0]!.truth, null);
});

test('a chip is a row, and its index is the row number', async () => {
  const file = bytesOf('A,B\n1,2\n3,4\n');
  const planes = [Uint8Array.of(3), Uint8Array.of(4)];
  assert.deepEqual((await read(file))[1], { place: { index: 1, kind: 'index' }, planes, truth: null });
  await assert.rejects(again(file, 2), new InvalidSceneFile('a.csv: has no row 2, found are 2'));
});

test('lines end in LF, CRLF or both, or in CR alone if the first line does', async () => {
  const model = { ...(await rowModel('uint8')), carry: [{ name: 'id', type: 'STRING' }] as const };
  for (const text of [
    'A,B,id\n1,2,x\r\n\r\n3,4,"y"\r\n',
    'A,B,id\r\n1,2,x\n\n3,4,"y"\r\n',
    'A,B,id\r1,2,x\r\r3,4,"y"\r',
  ])
    for (const size of [1, 7, 1000]) {
      const chips = await read(bytesOf(text), model, size);
      assert.equal(rowsOf(chips).join(' '), '1,2 3,4');
      assert.equal(chips.map(({ carried }) => carried).join(), 'x,y', JSON.stringify(text));
    }
});

test("a first line that says what the delimiter is, as Excel's, is no header", async () => {
  for (const text of ['sep=;\r\nA;B\r\n1;2\r\n', '\ufeffSEP=,\nA,B\n1,2', 'sep=\t\rA\tB\r1\t2'])
    for (const size of [1, 7, 1000]) assert.deepEqual(rowsOf(await read(bytesOf(text), uint8, size)), [[1, 2]]);
  const wrong = read(bytesOf('sep=;\nA;B\n1;x\n'));
  await assert.rejects(wrong, new InvalidSceneFile('a.csv: line 3: column B: found “x”, allowed is a number'));
});

test('the columns of numbers are described, those with empty cells or missing values as well', async () => {
  const file = bytesOf('name,A,B,note\nfirst,,nan,\nsecond,3,4,\n');
  const range = async (start: number, end: number) => file.subarray(start, end);
  const bands = await csv.describe!({ key: 'a.csv', size: file.length, head: file, range });
  assert.deepEqual(
    bands.map(({ name }) => name),
    ['A', 'B'],
  );
});

describe('an invalid table is refused with the line:', () => {
  for (const [text, message] of [
    [
      'A,C\n1,2\n',
      'found 2 columns: “A, C”, but none called “B”; allowed is a column for each of the 2 bands of droughtwatch-baseline 1.0.0, by its name',
    ],
    [
      '1,2\n3,4\n',
      'found 2 columns: “1, 2”, but none called “A, B”; allowed is a column for each of the 2 bands of droughtwatch-baseline 1.0.0, by its name',
    ],
    ['A,B,B\n1,2,3\n', 'found 2 columns called “B”, allowed is each name once'],
    ['A,B\n1,2\n1,\n', 'line 3: column B: found an empty cell, allowed is a number'],
    ['A,B\n1,NA\n', 'line 2: column B: found “NA”, allowed is a number'],
    ['A,B\n0x10,1\n', 'line 2: column A: found “0x10”, allowed is a number'],
    ['A,B\n"1\n2",1\n', 'line 3: column A: found “1\\n2”, allowed is a number'],
    ['A;B\n1,5;1\n', 'line 2: column A: found “1,5”, allowed is a number'],
    ['A,B\n1,256\n', 'line 2: column B: found “256”, allowed is a value of uint8'],
    ['A,B\n1,2\n\n1,2.5\n', 'line 4: column B: found “2.5”, allowed is a value of uint8'],
    ['A,B\n1,2\n3\n', 'line 3: found 1 cells, allowed are 2, as its header has'],
    ['A,B\n1,2,3\n', 'line 2: found 3 cells, allowed are 2, as its header has'],
    [
      'A,B,label\n1,2,sheep\n',
      'line 2: column label: found “sheep”, allowed is one integer of 0, 1, 2, 3, or the name of its class',
    ],
    [
      'A,B\n1,"2\n',
      'line 2: the quote of a cell is not closed; allowed are quotes around the whole of a cell, doubled within',
    ],
    [
      'A,B\n1,2"3"\n',
      'line 2: a quote stands in a cell that does not begin with one; allowed are quotes around the whole of a cell, doubled within',
    ],
    [
      'A,B\n1,"2"3\n',
      'line 2: something stands behind the closing quote of a cell; allowed is a delimiter or a line break',
    ],
    ['A,B\n', 'found a header and no row, allowed is a table with a header and at least one row'],
    ['\n\n', 'found no header, allowed is a table with a header and at least one row'],
  ] as const)
    test(message, () => assert.rejects(read(bytesOf(text)), new InvalidSceneFile(`a.csv: ${message}`)));

  test('a table, for a model of images', async () => {
    const images = await editedPackage([]);
    const message =
      'a.csv: found a table, but droughtwatch-baseline 1.0.0 takes chips of 65 × 65 pixels; rows are read for models of a row of numbers, or of texts';
    await assert.rejects(read(bytesOf('A,B\n1,2\n'), images), new InvalidSceneFile(message));
  });

  test('a float beyond its type', async () => {
    const reading = read(bytesOf('A,B\n1,1e39\n'), await rowModel('float32'));
    await assert.rejects(reading, /found “1e39”, allowed is a value of float32$/);
  });
});

test('a table of any numbers is read correctly, however it is split into chunks', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 255 })), { minLength: 1 }),
      fc.constantFrom(',', ';', '\t'),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      fc.integer({ min: 1, max: 50 }),
      async (rows, delimiter, lineBreak, isQuoted, size) => {
        const cell = (value: unknown) => (isQuoted ? `"${value}"` : String(value));
        const text = [['A', 'B'], ...rows].map((row) => row.map(cell).join(delimiter)).join(lineBreak);
        assert.deepEqual(rowsOf(await read(bytesOf(text), uint8, size)), rows);
      },
    ),
    { numRuns: 200 },
  ));
