import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import database from 'dynalite/db/index.js';
import { makeLedger } from '../../core/ledger/ledger.ts';
import { startRepairedTables } from './repairTables.ts';
import { connectLocalTables } from './tableClients.ts';
import { FEATURES_TABLE, LEDGER_TABLE, startTables } from './tables.ts';

const root = mkdtempSync(join(tmpdir(), 'swath-repair-'));
after(() => rmSync(root, { recursive: true }));

const model = { name: 'baseline', version: '1.0.0' };
const now = new Date('2026-03-01T10:00:00Z');
const sceneOf = (key: string) => ({ bucket: 'inbox', key, versionId: 'v1' });

/** More rows than one batch takes. */
const KEYS = Array.from({ length: 30 }, (_, i) => `file-${i}`);

async function withLedger<Result>(path: string, work: (ledger: ReturnType<typeof makeLedger>) => Promise<Result>) {
  const tables = await startRepairedTables(path);
  const client = connectLocalTables(tables.endpoint);
  const result = await work(makeLedger(client, LEDGER_TABLE));
  await tables.close();
  client.destroy();
  return result;
}

const claimAll = (path: string) =>
  withLedger(path, async (ledger) => {
    for (const key of KEYS)
      await ledger.claim({ scene: sceneOf(key), model, execution: 'e', now, leaseSeconds: 60, attemptLimit: 3 });
  });

const readAll = (path: string) =>
  withLedger(path, async (ledger) => {
    const rows = await Promise.all(KEYS.map((key) => ledger.get(sceneOf(key), model)));
    const { rows: indexed } = await ledger.byState('CLAIMED');
    return { rows, indexed };
  });

test('tables that were not closed are built anew from their rows, indexes included', async () => {
  const path = join(root, 'killed');
  await claimAll(path);
  const before = await readAll(path);
  rmSync(`${path}.closed`); // as it is when the process was killed
  const { rows, indexed } = await readAll(path);
  assert.deepEqual(rows, before.rows);
  assert.equal(indexed.length, KEYS.length);
  assert.ok(existsSync(`${path}.closed`));
  assert.ok(!existsSync(`${path}.fresh`) && !existsSync(`${path}.former`));
});

test('a table whose creation was cut short, by a kill or a failed write, is created anew, and the others keep their rows', async () => {
  const path = join(root, 'begun');
  await claimAll(path);
  rmSync(`${path}.closed`);
  const store = database.create({ path });
  const table = await promisify(store.getTable)(FEATURES_TABLE);
  await promisify(store.tableDb.put)(FEATURES_TABLE, { ...table, TableStatus: 'CREATING' });
  await new Promise<void>((resolve) => store.db.close(() => resolve()));
  const { rows } = await readAll(path);
  assert.ok(rows.every((row) => row?.state === 'CLAIMED'));
});

test('an index entry without its row is removed', async () => {
  const path = join(root, 'phantom');
  await claimAll(path);
  await writeIndexOnly(path, 'file-0', 'PREPARED');
  const states = await withLedger(path, async (ledger) => {
    const [claimed, prepared] = [await ledger.byState('CLAIMED'), await ledger.byState('PREPARED')];
    return [claimed.rows.length, prepared.rows.length];
  });
  assert.deepEqual(states, [KEYS.length, 0]);
});

test('a rebuilding that was cut off itself begins again with the former tables', async () => {
  const path = join(root, 'twice');
  await claimAll(path);
  renameSync(path, `${path}.former`);
  const { rows } = await readAll(path);
  assert.ok(rows.every((row) => row?.state === 'CLAIMED'));
});

test('former tables that were half removed are not put back', async () => {
  const path = join(root, 'removed');
  await claimAll(path);
  cpSync(path, `${path}.former`, { recursive: true });
  rmSync(join(`${path}.former`, 'CURRENT'));
  rmSync(`${path}.closed`);
  const { rows } = await readAll(path);
  assert.ok(rows.every((row) => row?.state === 'CLAIMED'));
  assert.ok(!existsSync(`${path}.former`));
});

/** What a process leaves behind that is killed between a row's index entries and the row: the one without the other. */
async function writeIndexOnly(path: string, key: string, state: string): Promise<void> {
  const tables = await startTables(path);
  const client = new DynamoDBClient({
    endpoint: tables.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const Key = { scene: { S: `inbox/${key}#v1` }, model: { S: 'baseline/1.0.0' } };
  const { Item } = await client.send(new GetItemCommand({ TableName: LEDGER_TABLE, Key }));
  await tables.close();
  client.destroy();
  rmSync(`${path}.closed`);

  const store = database.create({ path });
  const table = await promisify(store.getTable)(LEDGER_TABLE);
  await promisify(database.updateIndexes)(store, table, Item, { ...Item, state: { S: state } });
  await new Promise<void>((resolve) => store.db.close(() => resolve()));
}
