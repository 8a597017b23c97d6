import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ObjectNotFound, TransientTrouble } from '../../core/base/errors.ts';
import { predictionsKey } from '../../core/base/keys.ts';
import { logTo } from '../../core/base/step.ts';
import type { Datum } from '../../core/metrics/metrics.ts';
import { StatementFailed } from '../../core/tables/redshift.ts';
import { modelOf, predict } from '../../test/benches/predictions.ts';
import { warehouseStep } from './warehouse.ts';

const MODEL = modelOf([
  { value: 0, name: 'a' },
  { value: 1, name: 'b' },
] as never);

const NOW = new Date('2026-05-04T12:00:00Z');

/** A function with a bucket in memory and a warehouse that only notes what it is told; test/redshift has a real one. */
function makeBench(fails: (statements: readonly string[], manifest: string) => Error | undefined = () => undefined) {
  const objects = new Map<string, Uint8Array>();
  const told: (readonly string[])[] = [];
  const lines: string[] = [];
  const datums: Datum[] = [];
  logTo((line) => lines.push(line));
  const textOf = (key: string) => new TextDecoder().decode(objects.get(key));
  const manifestIn = (statements: readonly string[]) =>
    textOf(/'s3:\/\/results\/([^']+)'/.exec(statements.join())?.[1] ?? '');
  const step = warehouseStep({
    resultsBucket: 'results',
    readResult: async (key) => {
      const bytes = objects.get(key);
      if (bytes === undefined) throw new ObjectNotFound(key);
      return bytes;
    },
    writeResult: async (key, bytes) => void objects.set(key, bytes),
    listKeys: async (prefix) => [...objects.keys()].filter((key) => key.startsWith(prefix)),
    warehouse: {
      run: async (statements) => {
        told.push(statements);
        const error = fails(statements, manifestIn(statements));
        if (error !== undefined) throw error;
      },
      columnsOf: async () => ['run', 'index'],
    },
    publish: async (published) => void datums.push(...published),
    now: () => NOW,
  });
  function write(id: string, day = '2026-05-03', run = id): string {
    const origin = { run, digest: 'd'.repeat(64), scene: 'a' };
    const key = predictionsKey({ id, model: MODEL, day }, 0);
    objects.set(key, predict(MODEL, [[0.25, 0.75]], origin).bytes);
    return key;
  }
  async function send(...messages: { key: string; type?: string; minutes?: number; times?: number }[]) {
    const Records = messages.map(({ key, type = 'Object Created', minutes = 5, times }, i) => ({
      ...sentBefore(minutes, times),
      messageId: String(i),
      body: JSON.stringify({ source: 'aws.s3', 'detail-type': type, detail: { object: { key } } }),
      eventSourceARN: 'arn:q',
    }));
    return call(Records);
  }
  async function call(Records: object[]) {
    const { batchItemFailures } = await step(
      { Records },
      { remainingSeconds: () => 100, signal: new AbortController().signal },
    );
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  }
  const loads = () => told.filter((statements) => statements.some((sql) => sql.startsWith('COPY')));
  return { objects, told, lines, datums, write, send, call, loads, manifestIn };
}

/** When SQS says that a message was sent. */
const sentBefore = (minutes: number, times = 1) => ({
  attributes: { SentTimestamp: String(NOW.getTime() - minutes * 60_000), ApproximateReceiveCount: String(times) },
});

const idOf = (digit: string) => digit.repeat(32);

describe('the function warehouse', () => {
  before(() => logTo(() => {}));
  after(() => logTo((line) => void process.stdout.write(line)));

  test('loads files of one day and layout together, and those of a batch by themselves', async () => {
    const { write, send, loads, manifestIn, lines } = makeBench();
    const keys = [
      write(idOf('1')),
      write(idOf('2')),
      write(idOf('3'), '2026-05-04'),
      write(idOf('4'), '2026-05-03', idOf('9')),
    ];
    assert.deepEqual(await send(...keys.map((key) => ({ key })), { key: keys[0]! }, { key: 'predictions/else' }), []);
    const files = loads().map((statements) => JSON.parse(manifestIn(statements)).entries.length);
    assert.deepEqual(files.sort(), [1, 1, 2]);
    const ofBatch = loads().find((statements) => statements.some((sql) => sql.includes('WHERE "batch"')))!;
    assert.match(ofBatch.join('\n'), new RegExp(`DELETE FROM prediction_results WHERE "batch" = '${idOf('4')}'`));
    const { messages, files: count, loads: done, refused } = JSON.parse(lines.at(-1)!);
    assert.deepEqual([messages, count, done, refused], [6, 4, 3, 0]);
  });

  test('writes a manifest with the length of each file', async () => {
    const { write, send, loads, manifestIn, objects } = makeBench();
    const key = write(idOf('1'));
    await send({ key });
    assert.deepEqual(JSON.parse(manifestIn(loads()[0]!)), {
      entries: [{ url: `s3://results/${key}`, mandatory: true, meta: { content_length: objects.get(key)!.length } }],
    });
  });

  test('adds columns in transactions of forty', async () => {
    const { write, send, told } = makeBench();
    await send({ key: write(idOf('1')) });
    const added = told.filter(([sql = '']) => sql.startsWith('ALTER TABLE'));
    assert.ok(added.length > 2 && added.every(({ length }) => length <= 40));
    assert.match(added.flat().join('\n'), /ADD COLUMN "geometry" VARBYTE/);
    assert.doesNotMatch(added.flat().join('\n'), /"run"|"index"/);
  });

  test('a file that is gone holds no other up; its rows go only if it was removed', async () => {
    const { write, send, told } = makeBench();
    const [gone, removed, other] = [write(idOf('1')), write(idOf('2')), write(idOf('3'))];
    const bench = makeBench();
    bench.write(idOf('3'));
    const messages = [{ key: gone }, { key: removed, type: 'Object Deleted' }, { key: other }];
    assert.deepEqual(await bench.send(...messages), []);
    const deletes = bench.told.flat().filter((sql) => sql.includes(' IN ('));
    assert.deepEqual(deletes, [
      `DELETE FROM prediction_results WHERE "run" IN ('${idOf('2')}') OR "batch" IN ('${idOf('2')}')`,
    ]);
    assert.equal(bench.loads().length, 1);
    assert.deepEqual([await send({ key: gone }), told.flat().filter((sql) => sql.includes(' IN (')).length], [[], 0]);
  });

  test('a run that is written anew while its rows are removed is loaded again', async () => {
    const key = predictionsKey({ id: idOf('1'), model: MODEL, day: '2026-05-03' }, 0);
    const bench = makeBench((statements) => {
      if (statements.some((sql) => sql.includes(' IN ('))) bench.write(idOf('1'));
      return undefined;
    });
    assert.deepEqual(await bench.send({ key, type: 'Object Deleted' }), []);
    assert.equal(bench.loads().length, 1);
  });

  test('a file that can never be loaded is refused alone', async () => {
    const bad = predictionsKey({ id: idOf('5'), model: MODEL, day: '2026-05-03' }, 0);
    const bench = makeBench((_, manifest) =>
      manifest.includes(bad) ? new StatementFailed('Spectrum Scan Error') : undefined,
    );
    const keys = Array.from('123456789abcdef', (digit) => bench.write(idOf(digit)));
    assert.deepEqual(await bench.send(...keys.map((key) => ({ key }))), [String(keys.indexOf(bad))]);
    assert.match(JSON.parse(bench.lines.at(-1)!).why, /StatementFailed: Spectrum Scan Error/);
  });

  test('a warehouse that refuses everything is asked twenty times', async () => {
    const { write, send, loads } = makeBench((statements) =>
      statements.some((sql) => sql.startsWith('COPY'))
        ? new StatementFailed('S3ServiceException: Access Denied')
        : undefined,
    );
    const keys = Array.from({ length: 99 }, (_, i) => write(String(i).padStart(32, '0')));
    assert.equal((await send(...keys.map((key) => ({ key })))).length, 99);
    assert.ok(loads().length < 45, String(loads().length));
  });

  test('a warehouse that does not answer has every message come again', async () => {
    const { write, send, loads } = makeBench(() => new TransientTrouble('It is paused.'));
    assert.deepEqual(await send({ key: write(idOf('1')) }, { key: write(idOf('2')) }), ['0', '1']);
    assert.equal(loads().length, 0);
  });

  test('publishes how long the oldest of what comes again has waited, however often it came, before it loads anything', async () => {
    let isPaused = true;
    const { write, send, datums } = makeBench(() => {
      assert.equal(datums.length, calls);
      return isPaused ? new TransientTrouble('It is paused.') : undefined;
    });
    let calls = 0;
    const key = write(idOf('1'));
    for (const [i, minutes] of [5, 40, 75, 110, 145].entries()) {
      calls += 1;
      isPaused = minutes < 145;
      await send({ key, minutes, times: i + 1 }, { key: write(idOf('2')), minutes: 200 });
    }
    assert.deepEqual(
      datums,
      [0, 40, 75, 110, 145].map((minutes) => ({ metric: 'UnloadedSeconds', value: minutes * 60, dimensions: {} })),
    );
  });

  test('what is no event, and a file that is no Parquet, come again alone', async () => {
    const { write, call, objects, send } = makeBench();
    const body = JSON.stringify({ 'detail-type': 'Object Created', detail: { object: { key: write(idOf('1')) } } });
    const records = [
      { messageId: 'a', body: 'none', eventSourceARN: 'arn:q', ...sentBefore(5) },
      { messageId: 'b', body, eventSourceARN: 'arn:q', ...sentBefore(5) },
    ];
    assert.deepEqual(await call(records), ['a']);
    const damaged = write(idOf('2'));
    objects.set(damaged, new Uint8Array(99));
    assert.deepEqual(await send({ key: damaged }, { key: write(idOf('3')) }), ['0']);
  });
});
