import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { parquetReadObjects } from 'hyparquet';
import { warehouseAt } from '../../aws/redshift.ts';
import { ObjectNotFound } from '../../core/base/errors.ts';
import { predictionsKey } from '../../core/base/keys.ts';
import { logTo } from '../../core/base/step.ts';
import { joined } from '../../core/package/carry.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import { encodePredictions } from '../../core/results/encodePredictions.ts';
import { columnsOf, type Predictions } from '../../core/results/predictionColumns.ts';
import { RESULTS_TABLE } from '../../core/tables/redshift.ts';
import { warehouseStep } from '../../functions/warehouse/warehouse.ts';
import { type Random, sfc32 } from '../../replay/sfc32.ts';
import { modelOf, partOf, predict } from '../benches/predictions.ts';
import { findPostgres, startPostgres } from '../postgres.ts';
import { temporaryFolder } from '../swath.ts';
import { startDataApi } from './dataApi.ts';
import { predictedByFeatures } from './predictedByFeatures.ts';
import { reasonToSkip } from './reasonToSkip.ts';

/**
 * `npm run test:redshift`: the function warehouse loads results by a stub of Redshift's Data API over a real PostgreSQL, two at once, while
 * messages come twice, functions and transactions end anywhere, and files are written anew and removed. SWATH_REDSHIFT_SEED draws anew.
 */

const reason = reasonToSkip();
const skip = reason !== false && `no results were loaded into a warehouse, because ${reason}`;
if (skip) console.error(`SKIPPED: ${skip}.`);

const SEED = Number(process.env['SWATH_REDSHIFT_SEED'] ?? 1);
const BUCKET = 'results';
const DAYS = ['2026-05-03', '2026-05-04'];
const CLASSES = [-1, 0, 4, 99].map((value) => ({ value, name: `class ${value}` })) as ModelPackage['classes'];
const MESSAGES_AT_ONCE = 40;
const [REDELIVERED, DEATHS] = [0.2, 10];
/** Seconds that a call has left: how long a busy machine takes is no matter here. */
const ENOUGH = () => 1000;

type Message = {
  messageId: string;
  body: string;
  eventSourceARN: string;
  attributes: { SentTimestamp: string; ApproximateReceiveCount: string };
};

describe(`results in a warehouse (seed ${SEED})`, { skip, timeout: 2_300_000 }, () => {
  const random: Random = sfc32(SEED, 5, 5);
  const pick = (most: number) => Math.floor(random() * most);
  const objects = new Map<string, Uint8Array>();
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let api: ReturnType<typeof startDataApi>;
  const lines: string[] = [];

  before(async () => {
    logTo((line) => lines.push(line));
    postgres = await startPostgres(findPostgres()!, 'redshift');
    api = startDataApi(postgres.env, (bucket, key) => (bucket === BUCKET ? objects.get(key) : undefined) ?? null);
  });
  after(async () => {
    await api?.settled();
    await postgres?.stop();
  });

  const messageOf = (key: string, type = 'Object Created', nth = 0): Message => ({
    messageId: `${type} ${key} ${nth}`,
    body: JSON.stringify({
      source: 'aws.s3',
      'detail-type': type,
      detail: { bucket: { name: BUCKET }, object: { key } },
    }),
    eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:swath-dev-warehouse',
    attributes: { SentTimestamp: '0', ApproximateReceiveCount: '1' },
  });

  /** A function in a container of its own: once it is dead, nothing that it asked for comes to an end for it. */
  async function call(messages: readonly Message[], dies: () => boolean = () => false) {
    let isDead = false;
    let die = () => {};
    const death = new Promise<'dead'>((resolve) => {
      die = () => {
        isDead = true;
        resolve('dead');
      };
    });
    const pass = async () => {
      if (!isDead && dies()) die();
      if (isDead) await new Promise(() => {});
    };
    const step = warehouseStep({
      resultsBucket: BUCKET,
      readResult: async (key) => {
        await pass();
        const bytes = objects.get(key);
        if (bytes === undefined) throw new ObjectNotFound(key);
        return bytes;
      },
      writeResult: async (key, bytes) => {
        await pass();
        objects.set(key, bytes);
      },
      listKeys: async (prefix) => [...objects.keys()].filter((key) => key.startsWith(prefix)).sort(),
      warehouse: warehouseAt('workgroup:analytics', api.client(pass), 5),
      publish: pass,
      now: () => new Date(),
    });
    const result = step({ Records: messages }, { remainingSeconds: ENOUGH, signal: new AbortController().signal });
    const answered = await Promise.race([result, death]);
    if (answered === 'dead') return messages;
    const failed = new Set(answered.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    return messages.filter(({ messageId }) => failed.has(messageId));
  }

  /** The rows of the table, of these columns; and those of the files as they are now. */
  async function rowsThere(columns: readonly string[]): Promise<Map<string, Record<string, unknown>>> {
    const list = columns.map((name) => `"${name}"`).join(', ');
    const found = await api.query(`SELECT row_to_json(t) FROM (SELECT ${list} FROM ${RESULTS_TABLE}) t`);
    const rows = found.map((line) => JSON.parse(line) as Record<string, unknown>);
    const named = new Map(rows.map((row) => [`${row['run']} ${row['index']}`, row]));
    assert.equal(named.size, rows.length, 'a prediction is there twice');
    return named;
  }

  async function rowsOfFiles(): Promise<Map<string, Record<string, unknown>>> {
    const rows = new Map<string, Record<string, unknown>>();
    for (const [key, bytes] of objects) {
      const [, model, version, date, id] = /^predictions\/model=(.*)\/version=(.*)\/date=(.*)\/(\w+)-/.exec(key) ?? [];
      if (model === undefined) continue;
      const file = new Uint8Array(bytes).buffer;
      const all = await parquetReadObjects({ file });
      const batch = all.every(({ run }) => run === id) ? null : id;
      for (const row of all) rows.set(`${row['run']} ${row['index']}`, { ...row, model, version, date, batch });
    }
    return rows;
  }

  async function assertEqual(ofNoTable: readonly string[] = ['p_99', 'note']): Promise<number> {
    const files = await rowsOfFiles();
    const ofTable = await api.columnsOf(RESULTS_TABLE);
    const ofFiles = [...new Set([...files.values()].flatMap((row) => Object.keys(row)))];
    const columns = ofFiles.filter((column) => ofTable.includes(column));
    assert.deepEqual(
      ofFiles.filter((column) => !columns.includes(column)),
      ofNoTable,
      'columns that no table has',
    );
    const there = await rowsThere(columns);
    assert.deepEqual([...there.keys()].sort(), [...files.keys()].sort());
    const told = (row: Record<string, unknown>) => JSON.stringify(columns.map((column) => comparable(row[column])));
    for (const [name, row] of files) assert.equal(told(there.get(name)!), told(row), name);
    return there.size;
  }

  /** Makes files of runs of one and more parts, of two versions with other columns, and of batches. */
  function makeFiles(): string[] {
    const models = [
      modelOf(CLASSES),
      { ...modelOf(CLASSES), version: '1.1.0', carry: [{ name: 'note', type: 'STRING' as const }] },
    ];
    const idOf = (kind: string, n: number) => `${kind}${n}`.padStart(32, '0');
    const predicted = (model: ModelPackage, run: string, chips: number, from = 0): Predictions => {
      const outputs = Array.from({ length: chips }, () => CLASSES.map(() => random()));
      const acquired = { at: '2018-08-31T23:59:59.999Z', by: 'key' } as const;
      const origin = { run, digest: run.repeat(2), scene: `north/'${run}'\\ a\tb.tfrecord`, acquired };
      const carried = (model.carry ?? []).map((one) => ({ ...one, values: Array<string>(chips).fill('a\nnote') }));
      const part = partOf(chips, { index: Int32Array.from({ length: chips }, (_, i) => from + i), carried });
      const { predictions } = predict(model, outputs, origin, part);
      return { ...predictions, request_id: Array<string>(chips).fill(`request ${run}`) };
    };
    const keys: string[] = [];
    const write = (model: ModelPackage, day: string, id: string, part: number, pieces: Predictions[]) => {
      const key = predictionsKey({ id, model, day }, part);
      objects.set(key, encodePredictions(model, joined(columnsOf(model), pieces)));
      keys.push(key);
    };
    for (let n = 0; n < 85; n += 1) {
      const [model, day, id] = [models[n % 2]!, DAYS[n % 3 === 0 ? 1 : 0]!, idOf('a', n)];
      for (let part = 0; part < (n < 10 ? 2 : 1); part += 1)
        write(model, day, id, part, [predicted(model, id, 80, part * 80)]);
    }
    for (let n = 0; n < 8; n += 1) {
      const runs = Array.from({ length: 30 }, (_, i) => idOf('b', 100 * n + i));
      write(
        models[n % 2]!,
        DAYS[n % 2]!,
        idOf('c', n),
        0,
        runs.map((run) => predicted(models[n % 2]!, run, 10)),
      );
    }
    assert.equal(objects.size, keys.length);
    return keys;
  }

  /** Has two functions at once load these files, whose messages come twice, while functions and transactions end anywhere. */
  async function loadAll(keys: readonly string[], meanwhile: (queue: Message[]) => Promise<void> = async () => {}) {
    const queue = keys.map((key) => messageOf(key));
    let [deaths, lost, calls, again] = [0, 0, 0, 0];
    api.hooks.before = async (sql, lose) => {
      if (lost < DEATHS && random() < 0.04) {
        lost += 1;
        lose();
      }
      await pause(sql === 'COMMIT' ? pick(4) : 0);
    };
    const dies = () => {
      const isNow = deaths < DEATHS && random() < 0.02;
      deaths += Number(isNow);
      return isNow;
    };
    async function work(): Promise<void> {
      while (queue.length > 0) {
        const messages = Array.from(
          { length: Math.min(queue.length, 1 + pick(MESSAGES_AT_ONCE)) },
          () => queue.splice(pick(queue.length), 1)[0]!,
        );
        calls += 1;
        const left = await call(messages, dies);
        for (const message of messages) {
          const isTwice = !left.includes(message) && random() < REDELIVERED;
          again += Number(isTwice);
          if (isTwice || left.includes(message)) queue.push(message);
        }
      }
    }
    await Promise.all([work(), work(), meanwhile(queue)]);
    while (deaths < DEATHS || lost < DEATHS) {
      queue.push(...keys.map((key) => messageOf(key)));
      await Promise.all([work(), work()]);
    }
    await work();
    await api.settled();
    api.hooks.before = async () => {};
    return `${calls} calls, ${again} messages twice, ${deaths} functions and ${lost} transactions ended, ${api.statements.size} transactions`;
  }

  test('ten thousand predictions are there once each, whatever comes twice or ends in between', async (t) => {
    const keys = makeFiles();
    const said = await loadAll(keys, async (queue) => {
      // Twenty files are written anew, as forget does, while others are loaded.
      for (let n = 0; n < 20; n += 1) {
        await pause(100);
        const key = keys[pick(keys.length)]!;
        objects.set(key, await withoutRequests(objects.get(key)!));
        queue.push(messageOf(key, 'Object Created', n + 1));
      }
    });
    assert.equal(await assertEqual(), 10_000);
    t.diagnostic(said);
  });

  test('ten thousand inputs that name records are there once each, whatever comes twice or is killed on the way', async (t) => {
    const { ids, files, said } = await predictedByFeatures(temporaryFolder(), random);
    t.diagnostic(said);
    const others = new Map(objects);
    objects.clear();
    for (const [key, bytes] of files) objects.set(key, bytes);
    await api.query(`TRUNCATE ${RESULTS_TABLE}`);
    t.diagnostic(await loadAll([...files.keys()]));
    assert.equal(await assertEqual([]), ids.length);
    const found = await api.query(`SELECT "feature_id" FROM ${RESULTS_TABLE} WHERE "class" IS NOT NULL`);
    assert.deepEqual(found.sort(), ids.toSorted());
    await api.query(`TRUNCATE ${RESULTS_TABLE}`);
    objects.clear();
    for (const [key, bytes] of others) objects.set(key, bytes);
    assert.deepEqual(await call(keysOf(others).map((key) => messageOf(key))), []);
  });

  async function withoutRequests(bytes: Uint8Array): Promise<Uint8Array> {
    const rows = await parquetReadObjects({ file: new Uint8Array(bytes).buffer });
    const model = {
      ...modelOf(CLASSES),
      ...('note' in rows[0]! && { carry: [{ name: 'note', type: 'STRING' as const }] }),
    };
    const columns = columnsOf(model);
    const values = columns.map(({ name }) => [
      name,
      rows.map((row) => (name === 'request_id' ? null : (row[name] ?? null))),
    ]);
    return encodePredictions(model, Object.fromEntries(values), `forgotten ${random()}`);
  }

  test('a run that is taken back is gone, from a batch as well, and one that is tried again is there', async () => {
    const keys = [...objects.keys()].filter((key) => key.startsWith('predictions/'));
    const [one, two, batch] = [keys[0]!, keys.find((key) => key.endsWith('-00001.parquet'))!, keys.at(-1)!];
    const kept = objects.get(one)!;
    for (const key of [one, one.replace('-00000', '-00001')]) objects.delete(key);
    const rows = await parquetReadObjects({ file: new Uint8Array(objects.get(batch)!).buffer });
    const columns = columnsOf({ ...modelOf(CLASSES), carry: [{ name: 'note', type: 'STRING' }] });
    const left = rows.filter(({ run }) => run !== rows[0]!['run']);
    const values = columns.map(({ name }) => [name, left.map((row) => row[name] ?? null)]);
    objects.set(
      batch,
      encodePredictions({ ...modelOf(CLASSES), carry: [{ name: 'note', type: 'STRING' }] }, Object.fromEntries(values)),
    );
    const removals = [messageOf(one, 'Object Deleted'), messageOf(one.replace('-00000', '-00001'), 'Object Deleted')];
    assert.deepEqual(await call([...removals, messageOf(batch)]), []);
    await assertEqual();
    // Its events come in another order, and while it is there again.
    objects.set(one, kept);
    assert.deepEqual(await call(removals), []);
    await assertEqual();
    assert.deepEqual(
      await call([messageOf(two, 'Object Deleted'), messageOf(one)]),
      [],
      'a version of a file that is there',
    );
    await assertEqual();
    assert.deepEqual(await call([messageOf(`${one.slice(0, -13)}00007.parquet`)]), [], 'a file that has expired');
    await assertEqual();
  });

  test('a file that can never be loaded keeps no other one back', async () => {
    const of = [...objects.keys()].filter((key) => key.includes('version=1.0.0/date=2026-05-03'));
    await api.query(`DELETE FROM ${RESULTS_TABLE}`);
    const bad = of[3]!;
    api.hooks.before = async (sql, lose) => {
      const [, name = ''] = /FROM 's3:\/\/results\/([^']+)'/.exec(sql) ?? [];
      if (name !== '' && new TextDecoder().decode(objects.get(name)).includes(bad)) lose();
    };
    const left = await call(of.map((key) => messageOf(key)));
    assert.deepEqual(
      left.map(({ body }) => JSON.parse(body).detail.object.key),
      [bad],
    );
    api.hooks.before = async () => {};
    assert.deepEqual(await call([...objects.keys()].map((key) => messageOf(key))), []);
    await assertEqual();
  });

  test('what a newer release knows is added to a table that is there', async () => {
    await api.query(`DROP TABLE ${RESULTS_TABLE}`);
    await api.query(
      `CREATE TABLE ${RESULTS_TABLE} ("run" VARCHAR(64), "index" INTEGER, "own" VARCHAR(9) DEFAULT 'own')`,
    );
    assert.deepEqual(await call([...objects.keys()].map((key) => messageOf(key))), []);
    await assertEqual();
    assert.deepEqual(await api.query(`SELECT DISTINCT "own" FROM ${RESULTS_TABLE}`), ['own']);
  });

  test('without the lock, two loads of one file would have each prediction twice', async () => {
    const { loadFiles, manifestOf, readResultsFile, resultsFileAt } = await import('../../core/tables/redshift.ts');
    await api.query(`TRUNCATE ${RESULTS_TABLE}`);
    const key = [...objects.keys()].find((one) => one.startsWith('predictions/'))!;
    const file = await readResultsFile(resultsFileAt(key)!, objects.get(key)!);
    objects.set('manifest', Buffer.from(manifestOf(BUCKET, [file])));
    const sqls = loadFiles(file.layout, `s3://${BUCKET}/manifest`);
    const warehouse = warehouseAt('workgroup:analytics', api.client(), 5);
    /** Loads the file twice at once: no load inserts before both have come to this statement. */
    const both = async (statements: readonly string[], meeting: string) => {
      const { promise: met, resolve: meet } = Promise.withResolvers<void>();
      let there = 0;
      api.hooks.before = async (sql) => {
        there += Number(sql.startsWith(meeting));
        if (there === 2) meet();
        if (sql.startsWith('INSERT')) await met;
      };
      const run = () => warehouse.run(statements, { remainingSeconds: ENOUGH });
      await Promise.all([run(), run()]);
      return Number((await api.query(`SELECT count(*) FROM ${RESULTS_TABLE}`))[0]);
    };
    assert.equal(await both(sqls, 'LOCK'), 80);
    await api.query(`TRUNCATE ${RESULTS_TABLE}`);
    assert.equal(await both(sqls.slice(1), 'INSERT'), 160, 'the test would not notice');
  });
});

/** As JSON has it: PostgreSQL prints a 32-bit float with the digits that it takes, and bytes in hexadecimal. */
function comparable(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`;
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+$/.test(value)) return new Date(`${value}Z`).getTime();
  if (typeof value === 'number') return Math.fround(value);
  return typeof value === 'bigint' ? Number(value) : value;
}

const keysOf = (objects: ReadonlyMap<string, unknown>) =>
  [...objects.keys()].filter((key) => key.startsWith('predictions/'));
