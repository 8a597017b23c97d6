import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { connectOwnTables } from '../../test/benches/ownTables.ts';
import { Level, waitForRoom } from './patchedLevel.ts';
import { connectLocalTables } from './tableClients.ts';
import { METRICS_TABLE, startTables } from './tables.ts';

type Database = {
  open: () => Promise<void>;
  close: () => Promise<void>;
  put: (key: string, value: string) => Promise<void>;
  get: (key: string) => Promise<string | undefined>;
  batch: (writes: readonly unknown[]) => Promise<void>;
};

describe('the database below the tables', () => {
  test('writes all changes of a turn together, and later ones afterwards', async (t) => {
    const { database, batches } = await opened(t);
    await Promise.all([database.put('a', '1'), Promise.resolve().then(() => database.put('b', '2'))]);
    await database.put('a', '3');
    assert.deepEqual(batches, [2, 1]);
    assert.deepEqual(await Promise.all(['a', 'b', 'c'].map((key) => database.get(key))), ['3', '2', undefined]);
  });

  test('has each of them fail where they cannot be written, and goes on with the next', async (t) => {
    const { database, fail } = await opened(t);
    fail(new Error('no space'));
    const written = await Promise.allSettled([database.put('a', '1'), database.put('b', '2')]);
    assert.deepEqual(
      written.map((one) => one.status === 'rejected' && (one.reason as Error).message),
      ['no space', 'no space'],
    );
    await database.put('a', '3');
    assert.deepEqual([await database.get('a'), await database.get('b')], ['3', undefined]);
  });

  test('reads and writes as soon as it is open, though it was asked before', async (t) => {
    const { database } = await opened(t, false);
    await Promise.all([database.get('a'), database.put('a', '1')]);
    assert.equal(await database.get('a'), '1');
  });

  test('waits while the disk is full, and what is written before and after outlives a kill', async (t) => {
    const disk = smallDisk(t, '20m');
    if (disk === null) return;
    const reported: string[] = [];
    const path = join(disk, 'tables');
    const tables = await startTables(path, ({ message }) => reported.push(message));
    t.after(tables.close);
    const client = connectOwnTables(tables.ask);
    const rows = Array.from({ length: 20 }, (_, i) => ({ model: 'm/1.0.0', window: `run#${i}`, of: 'x'.repeat(700) }));
    const put = (some: typeof rows) => Promise.all(some.map((Item) => client.put({ TableName: METRICS_TABLE, Item })));
    await put(rows.slice(0, 5));
    spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'others')}`, 'bs=4k']);
    const written = put(rows.slice(5, 15));
    while (reported.length === 0) await pause(20);
    const { model, window } = rows[0]!;
    assert.equal((await client.get({ TableName: METRICS_TABLE, Key: { model, window } })).Item?.['window'], window);
    rmSync(join(disk, 'others'));
    await written;
    await put(rows.slice(15));
    assert.equal(reported.length, 1);
    assert.match(
      reported[0]!,
      /^the disk is full \(.* No space left on device\): the ledger waits for 8 MiB of room\.$/,
    );

    const copy = join(disk, 'killed');
    cpSync(path, copy, { recursive: true });
    const next = await startTables(copy);
    t.after(next.close);
    const { Items } = await connectOwnTables(next.ask).query({
      TableName: METRICS_TABLE,
      KeyConditionExpression: 'model = :model',
      ExpressionAttributeValues: { ':model': model },
    });
    assert.equal(Items?.length, rows.length);
  });

  test('goes on without a new start where there was no room for a file that LevelDB writes by itself', async (t) => {
    const disk = smallDisk(t, '40m');
    if (disk === null) return;
    const path = join(disk, 'tables');
    const database = new (Level as unknown as new (path: string) => Database)(path);
    await database.open();
    const told = Promise.withResolvers<Error>();
    waitForRoom.set(path, told.resolve);
    t.after(async () => {
      waitForRoom.delete(path);
      await database.close();
    });
    // LevelDB gathers 4 MB of rows before it writes a file of them, for which 1.3 MB are left.
    const put = (i: number) => database.put(`k${i}`, randomBytes(512).toString('hex'));
    for (let i = 0; i < 3300; i += 1) await put(i);
    const left = statfsSync(disk);
    const blocks = Math.floor((left.bavail * left.bsize - 1.3e6) / 4096);
    spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'others')}`, 'bs=4096', `count=${blocks}`]);
    const written = (async () => {
      for (let i = 3300; i < 6000; i += 1) await put(i);
    })();
    assert.match((await told.promise).message, /No space left/); // for its log or for that file, whichever comes first
    await pause(500); // that file fails meanwhile, if it has not yet; where it did not, there is less to mend
    rmSync(join(disk, 'others'));
    await written;
    await database.close();
    await database.open();
    for (let i = 0; i < 6000; i += 1) assert.ok((await database.get(`k${i}`)) !== undefined, `k${i}`);
  });

  test('a query lets go of what it has read, be it all or the first item of many', async (t) => {
    const home = mkdtempSync(join(tmpdir(), 'swath-level-'));
    const tables = await startTables(join(home, 'tables'));
    const client = connectLocalTables(tables.endpoint);
    t.after(async () => {
      await tables.close();
      client.destroy();
      rmSync(home, { recursive: true });
    });
    const model = 'm/1.0.0';
    for (let i = 0; i < 20; i += 1) await client.put({ TableName: METRICS_TABLE, Item: { model, window: `run#${i}` } });

    const iterators: { next: () => Promise<unknown> }[] = [];
    const { values } = Level.prototype;
    t.after(() => {
      Level.prototype.values = values;
    });
    Level.prototype.values = function (this: unknown, options) {
      const iterator = values.call(this, options);
      iterators.push(iterator as never);
      return iterator;
    };
    for (const Limit of [1, 5, undefined]) {
      const request = { TableName: METRICS_TABLE, Limit, KeyConditionExpression: 'model = :model' };
      const { Items } = await client.query({ ...request, ExpressionAttributeValues: { ':model': model } });
      assert.equal(Items?.length, Limit ?? 20);
    }
    await pause(50); // they are closed behind the answer
    assert.equal(iterators.length, 3);
    for (const iterator of iterators) await assert.rejects(iterator.next(), { code: 'LEVEL_ITERATOR_NOT_OPEN' });
  });
});

/** A disk of this size, until the test has closed what is on it; null, and the test is skipped, where none can be mounted. */
function smallDisk(t: TestContext, size: string): string | null {
  const disk = mkdtempSync(join(tmpdir(), 'swath-level-'));
  t.after(() => {
    spawnSync('umount', ['-l', disk]); // lazily: the database is closed next
    rmSync(disk, { recursive: true });
  });
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', disk]);
  if (status === 0) return disk;
  t.skip('NOT TESTED: a small disk can only be mounted by root on Linux');
  return null;
}

async function opened(t: { after: (end: () => Promise<void>) => void }, isOpen = true) {
  const home = mkdtempSync(join(tmpdir(), 'swath-level-'));
  const database = new (Level as unknown as new (path: string) => Database)(join(home, 'tables'));
  t.after(async () => {
    await database.close();
    rmSync(home, { recursive: true });
  });
  if (isOpen) await database.open();
  const batches: number[] = [];
  let trouble: Error | undefined;
  const { batch } = database;
  database.batch = async (writes) => {
    const why = trouble;
    trouble = undefined;
    if (why !== undefined) throw why;
    batches.push(writes.length);
    await batch.call(database, writes);
  };
  return {
    database,
    batches,
    fail: (why: Error) => {
      trouble = why;
    },
  };
}
