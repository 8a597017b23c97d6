import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { InvalidSceneFile } from '../base/errors.ts';
import { makeParquetFeatures } from './parquetFeatures.ts';

const group = { name: 'customers', id: 'id', eventTime: 'event_time' };

/** Files by DuckDB, a row group for each 2,048 rows. */
describe('features in Parquet', () => {
  const folder = mkdtempSync(join(tmpdir(), 'swath-features-'));
  after(() => rmSync(folder, { recursive: true }));
  const files = new Map<string, Uint8Array>();
  let reads: { key: string; length: number }[] = [];

  before(async () => {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const rows = `SELECT 'customer-' || lpad(i::VARCHAR, 6, '0') AS id, TIMESTAMP '2026-05-01' + to_seconds(i) AS event_time,
      (i * 0.1)::FLOAT AS income, i AS visits, i % 2 = 0 AS isNew, CASE WHEN i % 3 = 0 THEN NULL ELSE 'r' || i END AS region, [i] AS list
      FROM range(20480) AS t(i)`;
    for (const [key, sql] of [
      ['lake/customers.parquet', `${rows} ORDER BY id`],
      ['lake/shuffled/a.parquet', `${rows} ORDER BY hash(i)`],
      [
        'lake/shuffled/b.parquet',
        "SELECT 'customer-000007' AS id, TIMESTAMP '2027-01-01' AS event_time, 7 AS version, 1.5::FLOAT AS income",
      ],
      ['lake/numbered.parquet', 'SELECT i::BIGINT AS id, 1.777e9 AS event_time, i AS A FROM range(10) AS t(i)'],
      [
        'lake/some.parquet',
        "SELECT * FROM (VALUES (1.0::DOUBLE, '2026-05-01', 'v2'), (2, NULL, 'v3')) AS t(id, event_time, version)",
      ],
      ['lake/timeless.parquet', "SELECT 'a' AS id, 1 AS A"],
    ] as const) {
      const path = join(folder, 'file.parquet');
      await connection.run(`COPY (${sql}) TO '${path}' (FORMAT PARQUET, ROW_GROUP_SIZE 2048, COMPRESSION ZSTD)`);
      files.set(key, new Uint8Array(readFileSync(path)));
    }
    connection.closeSync();
  });

  const source = () =>
    makeParquetFeatures(
      {
        list: async (prefix) =>
          [...files].flatMap(([key, { length: size }]) => (key.startsWith(prefix) ? [{ key, size, etag: 'x' }] : [])),
        readRange: async ({ key }, offset, length) => {
          reads.push({ key, length });
          return files.get(key)!.subarray(offset, offset + length);
        },
      },
      'lake/',
    );
  const read = async (ids: string[], of: Partial<typeof group> = {}) => source().read({ ...group, ...of }, ids);

  test('are found by their ids, of every type that a feature may have', async () => {
    const found = await read(['customer-000007', 'customer-020479', 'nobody']);
    assert.deepEqual([...found.keys()].sort(), ['customer-000007', 'customer-020479']);
    assert.deepEqual(found.get('customer-000007'), {
      id: 'customer-000007',
      time: '2026-05-01T00:00:07.000Z',
      version: null,
      values: { income: Math.fround(0.7), visits: 7, isNew: 0, region: 'r7', list: null },
    });
  });

  test('of a sorted file take the footer and one row group, and the footer is read once', async () => {
    const { read: once } = source();
    await once(group, ['customer-000100']);
    reads = [];
    assert.equal((await once(group, ['customer-010000', 'customer-010001'])).size, 2);
    const bytes = reads.reduce((sum, { length }) => sum + length, 0);
    assert.ok(
      reads.length <= 8 && bytes < files.get('lake/customers.parquet')!.length / 5,
      `${reads.length} reads of ${bytes} bytes`,
    );
  });

  test('of a file in no order are found as well; of several files, the latest record counts, with its version', async () => {
    const found = (await read(['customer-000007'], { name: 'shuffled' })).get('customer-000007');
    assert.ok(found !== undefined && 'time' in found);
    const { time, version, values } = found;
    assert.deepEqual([time, version, values], ['2027-01-01T00:00:00.000Z', 7, { income: 1.5 }]);
  });

  test('may have numbers for ids, and times in seconds', async () => {
    const found = await read(['3', 'three', '99999999999999999999'], { name: 'numbered' });
    assert.deepEqual(
      [...found.values()],
      [{ id: '3', time: '2026-04-24T04:26:40.000Z', version: null, values: { A: 3 } }].map((one) => ({
        ...one,
        time: new Date(1.777e12).toISOString(),
      })),
    );
  });

  test('without an event time are wrong by themselves, and no other is; ids may be floating-point numbers', async () => {
    const found = await read(['1', '2'], { name: 'some' });
    assert.deepEqual(found.get('1'), { id: '1', time: '2026-05-01T00:00:00.000Z', version: null, values: {} });
    const says =
      'found a record without an event time: event_time: found “null”, allowed is a time such as 2026-05-03T10:00:00Z, or seconds since 1970';
    assert.deepEqual(found.get('2'), new InvalidSceneFile(says));
  });

  for (const [name, message] of [
    ['nothing', 'found no lake/nothing.parquet and no Parquet files under lake/nothing/, where its records lie'],
    [
      'timeless',
      'lake/timeless.parquet: found no column event_time, allowed is one of the id and one of the event time (swath:features.id, event_time); it has “id, A”',
    ],
  ] as const)
    test(`are refused where there are none: ${name}`, () =>
      assert.rejects(read(['a'], { name }), new InvalidSceneFile(message)));
});
