import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { openModel } from '../../../local/stack/openModel.ts';
import { PROPERTIES } from '../../../test/benches/packages.ts';
import { rowModel } from '../../../test/benches/rowModel.ts';
import { isRefused, readAgain, readScene } from '../../../test/benches/sceneFiles.ts';
import { textFiles, textModel } from '../../../test/benches/textModel.ts';
import { parseInput } from '../../doors/requests/input.ts';
import { makeReadInput } from '../../doors/requests/inputChip.ts';
import { predictChip } from '../../inference/predict.ts';
import { isBlank } from '../../measures/blanks/blanks.ts';
import type { Chip, ModelPackage } from '../../package/package.ts';
import { TEXT_MEASURES } from '../../package/text/textFacts.ts';
import { csv } from './csv/format.ts';
import type { Format } from './format.ts';
import { formatOf } from './formats.ts';
import { jsonLines } from './jsonLines/format.ts';
import { parquet } from './parquet/format.ts';

const one = await textModel([`${PROPERTIES}/swath:carry`, ['id']]);
const pair = await textModel([`${PROPERTIES}/swath:text`, { columns: ['a', 'b'], max_tokens: 16 }]);
const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Texts with all that tables have to quote. */
const ROWS = [
  { id: '1', text: 'a good day', mood: 'good' },
  { id: '2', text: 'bad,\n"bad" day', mood: 'bad' },
  { id: '3', text: ' ', mood: '' },
  { id: '4', text: 'хорошо, МОСКВА 🙂 \u202e', mood: '' },
];
const column = (name: keyof (typeof ROWS)[0]) => ({ name, data: ROWS.map((row) => row[name]) });
const FILES: [Format, Uint8Array][] = [
  [
    csv,
    bytesOf(
      `id,text,mood\n${ROWS.map((row) => Object.values(row).map((cell) => `"${cell.replaceAll('"', '""')}"`)).join('\n')}\n`,
    ),
  ],
  [jsonLines, bytesOf(ROWS.map((row) => JSON.stringify(row)).join('\n'))],
  [parquet, new Uint8Array(parquetWriteBuffer({ columnData: [column('id'), column('text'), column('mood')] }))],
];

const byRequest = (input: object, model: ModelPackage = one): Promise<Chip> =>
  makeReadInput(model, 1e6)(
    parseInput(input, 'inputs[0]') as Parameters<ReturnType<typeof makeReadInput>>[0],
    'inputs[0]',
    0,
  );

describe('texts are read alike', () => {
  for (const [format, file] of FILES)
    test(`from ${format.name}, in chunks of any size, and one again`, async () => {
      assert.equal(formatOf({ key: 'a', size: file.length }, file.subarray(0, 512)).format, format);
      for (const size of [1, 7, 1000]) {
        const { chips } = await readScene(format, file, one, { size });
        assert.deepEqual(
          chips.map(({ texts, carried, truth }) => [carried?.[0], texts?.[0], truth]),
          ROWS.map(({ id, text, mood }) => [id, text, mood === '' ? null : ['good', 'bad'].indexOf(mood)]),
        );
        for (const [i, { planes }] of chips.entries())
          assert.deepEqual(planes, (await byRequest({ text: ROWS[i]!.text })).planes);
        assert.deepEqual(await readAgain(format, file, 3, one), chips[3]);
        assert.deepEqual(
          chips.map((chip) => isBlank(chip, one)),
          [false, false, true, false],
        );
      }
    });

  test('from a pair in a file and in a request, in the order of the columns', async () => {
    const { chips } = await readScene(jsonLines, bytesOf('{"b": "bad", "a": "good day", "c": [1]}\n'), pair);
    assert.deepEqual(chips[0]!.planes, (await byRequest({ texts: ['good day', 'bad'] }, pair)).planes);
    assert.deepEqual([...chips[0]!.planes[2]!.subarray(0, 6)], [0, 0, 0, 0, 1, 1]);
  });
});

describe('booleans are passed through alike', () => {
  const data = [true, false, null];
  const columnData = ['id', 'text'].map((name) => ({ name, data, type: 'BOOLEAN' as const, nullable: true }));
  const FILES: [Format, Uint8Array][] = [
    [csv, bytesOf('id,text\ntrue,true\nfalse,false\n,\n')],
    [jsonLines, bytesOf(data.map((one) => JSON.stringify({ id: one, text: one })).join('\n'))],
    [parquet, new Uint8Array(parquetWriteBuffer({ columnData }))],
  ];
  for (const [format, file] of FILES)
    test(`as texts, and are texts: ${format.name}`, async () => {
      const { chips } = await readScene(format, file, one);
      assert.deepEqual(
        chips.map(({ texts, carried }) => [carried?.[0], texts?.[0]]),
        [
          ['true', 'true'],
          ['false', 'false'],
          [null, ''],
        ],
      );
    });
});

test('numbers of JSON Lines that are beyond those of 64 bits are refused', async () => {
  for (const type of ['float32', 'float64', 'uint8'] as const)
    for (const cell of ['1e400', '-1e400'])
      await isRefused(
        async () => readScene(jsonLines, bytesOf(`{"A":1,"B":2}\n{"A":${cell},"B":2}\n`), await rowModel(type)),
        `a: line 2: A: found “${Number(cell)}”, allowed is a number of ${type}`,
      );
});

test('what is measured of a text are its tokens, the share of unknown ones, and the scripts of its letters', async () => {
  const { planes } = await byRequest({ text: 'Good дом 日本! عر' });
  const measured = planes.slice(3).map((plane) => Number(plane[0]!.toFixed(4)));
  assert.deepEqual(Object.fromEntries(TEXT_MEASURES.map((name, i) => [name, measured[i]])), {
    tokens: 6,
    unknown: 0.8333,
    latin: 0.3636,
    cyrillic: 0.2727,
    arabic: 0.1818,
    han: 0.1818,
    other: 0,
  });
});

test('a text is classified by the graph', async () => {
  const inference = await openModel(one, (await textFiles())['model.onnx']!);
  for (const [text, label] of [
    ['a good day', 0],
    ['bad', 1],
  ] as const)
    assert.equal((await predictChip(inference, await byRequest({ text })))['label'], label);
  await inference.close?.();
});

test('texts of a CSV that is not UTF-8 are refused', () =>
  isRefused(
    () => readScene(csv, Buffer.from('id,text\n1,caf\xe9\n', 'latin1'), one),
    'a: found texts that are not UTF-8',
  ));

test('a text may hold a U+FFFD, and signs may lie across the borders of chunks', async () => {
  const file = bytesOf('id,text\n1,good \ufffd 日本\n');
  const { chips } = await readScene(csv, file, one, { size: 1 });
  assert.deepEqual(chips[0]!.texts, ['good \ufffd 日本']);
});

test('a text of signs that are no tokens is blank', async () => {
  for (const text of ['', ' \n', '\u200b', '\0'])
    assert.ok(isBlank(await byRequest({ text }), one), JSON.stringify(text));
});

describe('JSON Lines', () => {
  for (const [what, head, said] of [
    ['of plain members', '{"text": "a, [b] {c}", "n": 1}\n{"te', 'yes'],
    ['of a long text', `{"id": null, "text": "${'x'.repeat(600)}`, 'yes'],
    ['behind a byte order mark', '\ufeff{"text": "a"}\r\n', 'yes'],
    ['are no object over several lines', '{\n  "text": "a"\n}', 'no'],
    ['are no line that goes on', '{"text": "a",\n"b": 1}', 'no'],
    ['are no STAC Item', '{"type": "Feature", "id": "x", "stac_version": "1.0.0"}\n', 'no'],
    ['are no object of objects', '{"id": "x", "properties": {"a', 'no'],
    ['with lists and objects that nobody reads', '{"id": 1, "tags": ["a"], "meta": {"b": 1}}\n{"id": 2}', 'yes'],
    ['of one row without an end', '{"text": "a", "tags": [1]}', 'yes'],
    ['behind an empty line', '\n{"text": "a"}\n', 'yes'],
    ['that are features', '{"type": "Feature", "text": "a"}\n{"type', 'yes'],
    ['are no GeoJSON on one line', '{"type": "FeatureCollection", "features": []}\n', 'no'],
    ['are no list', '[1, 2]\n', 'no'],
  ] as const)
    test(`${what} are recognised: ${said}`, () =>
      assert.equal(jsonLines.sniff(Buffer.from(bytesOf(head)).subarray(0, 512), 1000), said));

  for (const [what, text, ...says] of [
    ['a line that is no JSON', '{"text": "a"}\n{"text": \n', 'a: line 2', 'a JSON object'],
    ['a list', '{"text": "a"}\n[1]\n', 'a: line 2', '“[1]”'],
    ['a row without the text', '{"text": "a"}\n\n{"txt": "a"}\n', 'a: line 3', 'txt', 'text'],
    ['a text that is a list', '{"text": ["a"]}\n', 'a: line 1', 'text', 'a list', 'a text or a number'],
    ['an id whose digits JSON changes', '{"text": "a", "id": 1234567890123456789}\n', 'a: line 1', 'id', '19 digits'],
    ['an id beyond all numbers', '{"text": "a", "id": -1e400}\n', 'a: line 1', 'id', 'more than 308 digits'],
    ['a text that is a number beyond all', '{"text": 1e400}\n', 'a: line 1', 'text', 'more than 308 digits'],
    ['another truth', '{"text": "a", "mood": "great"}\n', 'a: line 1', 'great'],
  ] as const)
    test(`are refused with ${what}`, () => isRefused(() => readScene(jsonLines, bytesOf(text), one), ...says));

  test('are refused if they are not UTF-8', () =>
    isRefused(() => readScene(jsonLines, Buffer.from('{"text": "\xe9"}\n', 'latin1'), one), 'UTF-8'));
});

describe('an input of a request is refused:', () => {
  for (const [what, input, model, ...says] of [
    ['two texts for one', { texts: ['a', 'b'] }, one, 'inputs[0].texts', 'a list of 2', 'allowed is text'],
    ['one text for two', { text: 'a' }, pair, 'inputs[0].text', 'allowed is texts, a list of two'],
    ['numbers', { values: [1] }, one, 'found values', 'allowed is text'],
    ['three texts', { texts: ['a', 'b', 'c'] }, pair, 'a list of 3', 'a list of two texts'],
    ['a number', { text: 7 }, one, 'inputs[0].text: found 7', 'allowed is a text'],
  ] as const)
    test(what, () => isRefused(() => byRequest(input, model), ...says));
});
