import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { parquetReadObjects } from 'hyparquet';
import { predictionsKey } from '../../core/base/keys.ts';
import { encodeFootprint } from '../../core/results/geometry.ts';
import { TABLES } from '../../core/tables/tables.ts';
import { modelOf, partOf, predict } from '../../test/benches/predictions.ts';
import { swath, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';

/** Of a chip's place, longitudes and latitudes. */
const CORNERS = Float64Array.of(10, 50, 11, 50, 11, 49, 10, 49);
/** A folder's name that would be a pattern, and an end of a text. */
const DATA = "it's [a] folder";

describe('swath sql', () => {
  const cwd = temporaryFolder();
  const sql = (...args: string[]) => swathHere(['sql', '--data-dir', DATA, ...args], cwd);
  const piped = (...args: string[]) => swath(['sql', '--data-dir', DATA, ...args], cwd);

  const placed = ['--data-dir', 'placed'];

  before(() => {
    mkdirSync(join(cwd, DATA, 'inbox'), { recursive: true });
    mkdirSync(join(cwd, 'empty', 'inbox'), { recursive: true });
    const classes = [-1, 4].map((value) => ({ value, name: `class ${value}` }));
    const model = modelOf(classes as Parameters<typeof modelOf>[0]);
    const rows = Array.from({ length: 150 }, (_, i) => (i % 3 === 0 ? [0.75, 0.25] : [0.25, 0.75]));
    const acquired = { at: '2018-08-31T23:59:59.999Z', by: 'key' } as const;
    const origin = { acquired, run: 'a'.repeat(32), digest: '0123456789abcdef'.repeat(4), scene: 'north/a.tfrecord' };
    const key = predictionsKey({ id: origin.run, model, day: '2026-05-03' }, 0);
    const keep = (folder: string, file: string, { bytes }: ReturnType<typeof predict>) => {
      const path = join(cwd, folder, 'results', ...file.split('/'));
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, bytes);
    };
    keep(DATA, key, predict(model, rows, origin));
    mkdirSync(join(cwd, 'placed', 'inbox'), { recursive: true });
    const window = {
      x: new Int32Array(100),
      y: new Int32Array(100),
      width: new Int32Array(100).fill(9),
      height: new Int32Array(100).fill(9),
      footprint: Float64Array.from({ length: 800 }, (_, i) => CORNERS[i % 8]!),
      hectares: new Float64Array(100).fill(9),
    };
    const ofWindows = { ...model, source: { width: 9, height: 9, bands: [] }, overlap: 0 };
    for (const run of ['1', '2', '3'].map((digit) => digit.repeat(32)))
      keep(
        'placed',
        predictionsKey({ id: run, model, day: '2026-05-03' }, 0),
        predict(ofWindows, rows.slice(0, 100), { ...origin, run }, partOf(100, { window })),
      );
    mkdirSync(join(cwd, 'versions', 'inbox'), { recursive: true });
    for (const [version, values] of [
      ['1.0.0', [-1, 4]],
      ['1.1.0', [-1, 4, 5]],
    ] as const) {
      const of = { ...modelOf(values.map((value) => ({ ...classes[0]!, value }))), version };
      const run = version.replaceAll('.', '').padEnd(32, '0');
      const file = predictionsKey({ id: run, model: of, day: '2026-05-03' }, 0);
      keep('versions', file, predict(of, Array(150).fill(values.map(() => 0.5)), { ...origin, run }));
    }
  });

  test('answers as a table', async () => {
    const { code, stdout, stderr } = await sql(
      'SELECT class, count(*) AS n FROM predictions GROUP BY class ORDER BY n',
    );
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal(stdout, 'class       n\nclass -1   50\nclass 4   100\n');
  });

  test('shows the first rows of many, and how to have them all', async () => {
    const { stdout } = await sql('SELECT chip_id FROM predictions');
    assert.equal(stdout.trimEnd().split('\n').length, 1 + 100 + 2);
    assert.match(stdout, /The first 100 rows\. All of them: --csv, --json or --parquet FILE/);
  });

  test('knows the day, the version and what no file has', async () => {
    const { stdout } = await sql(
      'SELECT DISTINCT model, version, "date", p_minus_1 > 0 AS is_there, value, request_id, month(acquired) AS of FROM predictions',
    );
    assert.match(
      stdout,
      /^model +version +date +is_there +value +request_id +of\nmodel +1\.0\.0 +2026-05-03 +true +– +– +8\n$/,
    );
  });

  test('prints lines of JSON', async () => {
    const { stdout } = await piped('SELECT "index", class FROM predictions ORDER BY "index" LIMIT 2', '--json');
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(lines, [
      { index: 0, class: 'class -1' },
      { index: 1, class: 'class 4' },
    ]);
  });

  for (const version of ['1.0.0', '1.1.0'])
    test(`keeps all rows in a window over files of one version where another has other columns: ${version}`, async () => {
      const { code, stdout } = await sql(
        `SELECT count(*) AS n FROM (SELECT avg("index") OVER (PARTITION BY run) AS mean FROM predictions WHERE version = '${version}')`,
        '--data-dir',
        'versions',
      );
      assert.deepEqual([code, stdout], [0, '  n\n150\n']);
    });

  test('has geometries of several files as WKB', async () => {
    const { code, stdout } = await piped(
      'SELECT geometry FROM predictions WHERE geometry IS NOT NULL',
      '--csv',
      ...placed,
    );
    assert.equal(code, 0);
    const wkb = Buffer.from(encodeFootprint(CORNERS)).toString('hex');
    assert.deepEqual(stdout.trimEnd().split('\n').slice(1), Array(3 * 100).fill(wkb));
    const { stdout: said } = await sql('SELECT * FROM predictions', '--parquet', 'places.parquet', ...placed);
    assert.equal(said, 'places.parquet: 300 rows.\n');
  });

  for (const format of [['--csv'], ['--json'], ['--parquet', 'cut.parquet']])
    test(`reports an error after many rows: ${format[0]}`, async () => {
      const query = "SELECT\n CAST(if(x < 1e5, '1', 'none') AS int)\nFROM range(300000) AS t(x)";
      const { code, stderr } = await (format[0] === '--parquet' ? sql : piped)(query, ...format);
      assert.equal(code, 2);
      assert.match(stderr, /^swath: Could not convert string 'none' to INT32.* \(line 2, column 2\)$/m);
      assert.ok(!existsSync(join(cwd, 'cut.parquet')));
    });

  test('divides whole numbers, and prints dates and times, as Athena does', async () => {
    const { stdout } = await sql(
      "SELECT 7 / 2 AS whole, 7 / 2e0 AS part, DATE '2026-05-03' AS day, TIME '10:30:00' AS at",
    );
    assert.equal(stdout, 'whole  part  day         at\n    3   3.5  2026-05-03  10:30:00.000\n');
  });

  test('says nothing beside many rows', async () => {
    const { code, stdout, stderr } = await piped(
      "SELECT repeat('a text of some length', 20) AS text FROM range(60000)",
      '--csv',
    );
    assert.deepEqual([code, stderr, stdout.split('\n').length], [0, '', 60_002]);
  });

  test('writes nothing into the folder of its tables', async () => {
    const into = join(cwd, DATA, 'results', 'predictions', 'x.csv').replaceAll("'", "''");
    for (const start of ['EXPLAIN ANALYZE', '/* /* */ SELECT */'])
      assert.equal((await sql(`${start} COPY (SELECT 1) TO '${into}'`)).code, 2);
    assert.deepEqual(readdirSync(join(cwd, DATA, 'results', 'predictions')), ['model=model']);
  });

  test('writes Parquet, whole or not at all', async () => {
    const { stdout } = await sql('SELECT * FROM predictions', '--parquet', 'all.parquet');
    assert.equal(stdout, 'all.parquet: 150 rows.\n');
    const rows = await parquetReadObjects({ file: new Uint8Array(readFileSync(join(cwd, 'all.parquet'))).buffer });
    assert.equal(rows.length, 150);
    assert.partialDeepStrictEqual(rows[0], { scene: 'north/a.tfrecord', date: '2026-05-03', p_4: 0.25, value: null });
    const refused = await sql('SELECT 1', '--parquet', 'nowhere/all.parquet');
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /^swath: --parquet: found "nowhere\/all\.parquet", allowed is a file in a folder/);
    const server = createServer().listen(join(cwd, 'socket')).unref();
    await once(server, 'listening');
    assert.match((await sql('SELECT 1', '--parquet', 'socket')).stderr, /^swath: --parquet: found "socket", allowed/);
    assert.ok(lstatSync(join(cwd, 'socket')).isSocket());
    server.close();
  });

  test('has tables without a row where nothing has happened', async () => {
    for (const { name } of TABLES) {
      const { code, stdout } = await swathHere(['sql', `SELECT * FROM ${name}`, '--data-dir', 'empty'], cwd);
      assert.equal(code, 0);
      assert.match(stdout, /No rows\.\n$/);
    }
  });

  test('lists every table and its columns, and what to begin with', async () => {
    const { code, stdout } = await sql();
    assert.equal(code, 0);
    for (const { name, columns } of TABLES) {
      assert.match(stdout, new RegExp(`^${name}  `, 'm'));
      for (const column of columns)
        if (!/^(p|share)_/.test(column.name)) assert.match(stdout, new RegExp(`^  "?${column.name}"? `, 'm'));
    }
    assert.equal(stdout.match(/npx swath sql '/g)?.length, 3);
  });

  for (const [what, args, says] of [
    [
      'a column that is none',
      ['SELECT\n  foo FROM predictions'],
      /^swath: Referenced column "foo" not found .* \(line 2, column 3\)$/m,
    ],
    ['a table that is none', ['SELECT * FROM nothing'], /Table with name nothing does not exist!.*line 1, column 15/],
    ['no SQL', ['SELECT FROM WHERE'], /^swath: syntax error at or near "WHERE" \(line 1, column 13\)$/m],
    [
      'a text that is no number',
      ['SELECT CAST(class AS integer) FROM predictions'],
      /^swath: Could not convert string 'class -1' to INT32/,
    ],
    [
      'another file',
      ["SELECT * FROM read_csv('/etc/passwd')"],
      /^swath: SQL reaches the tables alone: Cannot access file "\/etc\/passwd"\.$/m,
    ],
    [
      'a file of the data folder beside them',
      ["SELECT * FROM read_text('it''s [[]a] folder/lock.json')"],
      /SQL reaches the tables alone/,
    ],
    [
      'a change',
      ['DROP VIEW predictions'],
      /^swath: found a statement that begins with DROP, allowed is one that reads/,
    ],
    ['a change behind a query', ['SELECT 1; DROP VIEW predictions'], /^swath: found 2 statements, allowed is one\.$/m],
    [
      'a change within a query',
      ['WITH a AS (SELECT 1) INSERT INTO runs SELECT * FROM a'],
      /^swath: found INSERT, allowed is a statement that reads\.$/m,
    ],
    ...[
      'UPDATE runs SET chips = 1',
      'DELETE FROM runs',
      'MERGE INTO runs USING a ON true WHEN MATCHED THEN DELETE',
    ].map(
      (change) =>
        [
          `a change behind a comment, ${change}`,
          [`WITH a AS (SELECT ') insert') /* b */ ${change}`],
          new RegExp(
            `^swath: found ${change.slice(0, change.indexOf(' '))}, allowed is a statement that reads\\.$`,
            'm',
          ),
        ] as const,
    ),
    [
      'a table that is none, where a comment names a change',
      ['SELECT max(chips) FROM runz -- (all) Update later'],
      /^swath: Table with name runz does not exist!/m,
    ],
    ['a word of SQL as a name', ['SELECT max(chips) update FROM runs'], /^swath: syntax error at or near "update"/m],
    ['two formats', ['SELECT 1', '--csv', '--json'], /^swath: found --csv and --json, allowed is one of them\.$/m],
    [
      'Redshift on a laptop',
      ['SELECT 1', '--engine', 'redshift'],
      /--engine: found "redshift", allowed with --stage only/,
    ],
    ['a region alone', ['SELECT 1', '--region', 'us-east-1'], /name the stage as well/],
  ] as const)
    test(`explains the error: ${what}`, async () => {
      const { code, stdout, stderr } = await sql(...args);
      assert.match(stderr, says);
      assert.deepEqual([code, stdout], [2, '']);
      assert.doesNotMatch(stderr, /\n\s+at |LINE 1/);
    });

  test('names a damaged file, and what to do', async () => {
    const file = join(cwd, 'damaged/results/predictions/model=m/version=1/date=2026-05-03/a.parquet');
    mkdirSync(dirname(file), { recursive: true });
    mkdirSync(join(cwd, 'damaged/inbox'));
    writeFileSync(file, 'PAR1');
    const { code, stderr } = await swathHere(['sql', 'SELECT 1', '--data-dir', 'damaged'], cwd);
    assert.equal(code, 1);
    assert.match(stderr, /^swath: .*a\.parquet'.*\. That file is damaged: remove it, or put it back from a copy\.$/m);
    assert.doesNotMatch(stderr, /LINE 1/);
  });

  test('creates no folder', async () => {
    const { code, stderr } = await swathHere(['sql', 'SELECT 1', '--data-dir', 'gone'], cwd);
    assert.equal(code, 2);
    assert.match(stderr, /^swath: gone: is not the folder of an embedded stack\./);
  });

  test('sorts millions of rows', async () => {
    const query = 'SELECT count(*) AS n, max(x) AS x FROM (SELECT range AS x FROM range(2000000) ORDER BY x % 7919)';
    const { stdout } = await sql(query);
    assert.equal(stdout, '      n        x\n2000000  1999999\n');
  });
});
