import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { csvOf, withoutApostrophe } from './csv.ts';
import { jsonLinesOf } from './jsonLines.ts';
import { parquetFile, parquetOf } from './parquet.ts';
import { assertReads, SqlMistake } from './sqlMistake.ts';
import type { Cell, Rows } from './table.ts';

const TYPES = ['STRING', 'INT32', 'INT64', 'DOUBLE', 'BOOLEAN', 'TIMESTAMP', 'BYTE_ARRAY'] as const;
const NAMES = ['a "b"', 'n', 'big', 'x', 'is', 'at', 'bytes'];
const columns: Rows['columns'] = TYPES.map((type, i) => ({ name: NAMES[i]!, type }));
const at = new Date('2026-05-03T10:00:00.250Z');
const row: Cell[] = ['one, "two"\n', 1, 2n ** 60n, 0.5, true, at, Uint8Array.of(1, 255)];
const other: Cell[] = ['', null, 7n, Number.NaN, false, null, null];
const rowsOf = (...pieces: Cell[][][]): Rows => ({
  columns,
  rows: (async function* () {
    yield* pieces;
  })(),
});

describe('rows', () => {
  test('are written as CSV, with NULL as an empty cell and an empty text as two quotes', async () => {
    const lines = await textOf(csvOf(rowsOf([row], [], [other])));
    assert.equal(
      lines,
      '"a ""b""",n,big,x,is,at,bytes\n"one, ""two""\n",1,1152921504606846976,0.5,true,2026-05-03 10:00:00.250,01ff\n"",,7,NaN,false,,\n',
    );
  });

  for (const [text, said] of [
    ['=HYPERLINK("http://example.org")', `"'=HYPERLINK(""http://example.org"")"`],
    ['+1+cmd', "'+1+cmd"],
    ['-2+3', "'-2+3"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', `"'\t=1"`],
    ['\r=1', `"'\r=1"`],
    ['＝1', "'＝1"],
    ['a;=1', '"a;=1"'],
    ['-1.5e-7', '-1.5e-7'],
    ['+12', '+12'],
    ['a=1', 'a=1'],
    ["'=1", "''=1"],
    ["''@a", "'''@a"],
    ["'-1.5", "'-1.5"],
    ["'a", "'a"],
  ] as const)
    test(`are written as CSV that a spreadsheet does not run as a formula: ${JSON.stringify(text)}`, async () => {
      const csv = await textOf(csvOf(rowsOf([[text, -1, -2n, -0.5, null, null, null]])));
      assert.equal(csv.split('\n').at(-2), `${said},-1,-2,-0.5,,,`);
      const field = said.startsWith('"') ? said.slice(1, -1).replaceAll('""', '"') : said;
      assert.equal(withoutApostrophe(field), text);
    });

  test('are written as CSV without empty lines, which readers skip, also of one column that is NULL', async () => {
    const one: Rows = { columns: [{ name: 'a', type: 'STRING' }], rows: [[['b'], [null], ['c']]] };
    assert.equal(await textOf(csvOf(one)), 'a\nb\n""\nc\n');
  });

  test('are written as lines of JSON, without rounding numbers', async () => {
    const [first, second] = (await textOf(jsonLinesOf(rowsOf([row, other])))).trimEnd().split('\n');
    assert.deepEqual(JSON.parse(first!), {
      'a "b"': 'one, "two"\n',
      n: 1,
      big: '1152921504606846976',
      x: 0.5,
      is: true,
      at: '2026-05-03 10:00:00.250',
      bytes: '01ff',
    });
    assert.deepEqual(Object.values(JSON.parse(second!)), ['', null, 7, 'NaN', false, null, null]);
  });

  test('are written as Parquet in row groups, however they are split into pieces', async () => {
    const rowAt = (i: number): Cell[] => [`${i}`, i, BigInt(i), i / 2, i % 2 === 0, null, null];
    const many = Array.from({ length: 45_000 }, (_, i) => rowAt(i));
    const pieces = await allOf(parquetOf(rowsOf(many.slice(0, 7), many.slice(7, 40_001), many.slice(40_001))));
    assert.equal(pieces.length, 3);
    const file = new Uint8Array(Buffer.concat(pieces)).buffer;
    const groups = parquetMetadata(file).row_groups.map(({ num_rows }) => Number(num_rows));
    assert.deepEqual(groups, [20_000, 20_000, 5_000]);
    const read = await parquetReadObjects({ file });
    assert.ok(read.length === 45_000 && read.every(({ n }, i) => n === i));
    const [back] = await parquetReadObjects({ file: await fileOf(rowsOf([row])), utf8: false });
    assert.deepEqual(Object.values(back!), row);
  });

  test('may be none, in each format', async () => {
    assert.equal(await textOf(csvOf(rowsOf())), '"a ""b""",n,big,x,is,at,bytes\n');
    assert.equal(await textOf(jsonLinesOf(rowsOf())), '');
    assert.deepEqual(await parquetReadObjects({ file: await fileOf(rowsOf()) }), []);
  });
});

describe('a statement', () => {
  for (const sql of [
    'select 1',
    ' -- why\n/* and how */ WITH a AS (SELECT 1) SELECT * FROM a',
    '(SELECT 1)',
    'values (1)',
    'SHOW TABLES',
    'describe predictions',
    'EXPLAIN SELECT 1',
    'EXPLAIN (SELECT 1)',
    'explain analyze verbose -- how long it takes\n SELECT 1',
    'EXPLAIN (TYPE DISTRIBUTED, FORMAT JSON) WITH a AS (SELECT 1) SELECT * FROM a',
  ])
    test(`may read: ${sql.replaceAll('\n', ' ')}`, () => assertReads(sql));

  for (const [sql, found] of [
    ['', /found no statement, allowed is one that reads: SELECT/],
    ['-- nothing', /found no statement/],
    ['DROP TABLE predictions', /begins with DROP/],
    ['insert into runs values (1)', /begins with INSERT/],
    ['/* select */ UNLOAD (SELECT 1) TO', /begins with UNLOAD/],
    ["COPY runs TO 'x'", /begins with COPY/],
    ['ATTACH x', /begins with ATTACH/],
    ['SET threads = 1', /begins with SET,/],
    ["EXPLAIN ANALYZE COPY runs TO 'x'", /begins with COPY/],
    ["explain/**/analyze -- SELECT\n copy runs to 'x'", /begins with COPY/],
    ["EXPLAIN (ANALYZE, FORMAT 'json') COPY runs TO 'x'", /begins with COPY/],
    ['EXPLAIN EXPLAIN ANALYZE INSERT INTO runs VALUES (1)', /begins with INSERT/],
    ["EXPLAIN (ANALYZE /* ) SELECT */) COPY runs TO 'x'", /begins with ANALYZE/],
    ["/* /* */ SELECT */ COPY runs TO 'x'", /found no statement/],
    ['EXPLAIN', /found no statement/],
  ] as const)
    test(`is refused if it does not only read: ${sql}`, () => {
      assert.throws(
        () => assertReads(sql),
        (error: Error) => error instanceof SqlMistake && found.test(error.message),
      );
    });
});

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  return (await allOf(pieces)).join('');
}

async function fileOf(rows: Rows): Promise<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(await allOf(parquetOf(rows)))).buffer;
}

async function allOf<Piece>(pieces: AsyncIterable<Piece>): Promise<Piece[]> {
  const all: Piece[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}

for (const [name, type, isGeo] of [
  ['geometry', 'BYTE_ARRAY', true],
  ['geometry', 'STRING', false],
  ['other', 'BYTE_ARRAY', false],
] as const)
  test(`a column ${name} of ${type} makes ${isGeo ? 'a GeoParquet file' : 'no GeoParquet file'}`, async () => {
    const bytes = await parquetFile([{ name, type }], [[null]]);
    const { key_value_metadata: found = [] } = parquetMetadata(new Uint8Array(bytes).buffer);
    assert.deepEqual(
      found.map(({ key, value }) => [key, JSON.parse(value!).primary_column]),
      isGeo ? [['geo', 'geometry']] : [],
    );
  });
