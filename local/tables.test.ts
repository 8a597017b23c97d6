import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeLedger } from '../functions/shared/ledger.ts';
import { connectLocalTables, LEDGER_TABLE, METRICS_TABLE, startTables } from './tables.ts';

const folder = mkdtempSync(join(tmpdir(), 'swath-tables-'));
after(() => rmSync(folder, { recursive: true }));

test('what the tables hold is there after a restart', async () => {
  const scene = { bucket: 'inbox', key: 'a', versionId: 'v1' };
  const model = { name: 'baseline', version: '1.0.0' };
  const claim = { scene, model, execution: 'e', now: new Date(), leaseSeconds: 60, attemptLimit: 3 };
  const number = { model: 'baseline/1.0.0', window: 'run#a', n: 81 };
  const { row } = await withTables(async (client) => {
    await client.put({ TableName: METRICS_TABLE, Item: number });
    return makeLedger(client, LEDGER_TABLE).claim(claim);
  });
  await withTables(async (client) => {
    assert.deepEqual(await makeLedger(client, LEDGER_TABLE).get(scene, model), row);
    const { n, ...Key } = number;
    assert.equal((await client.get({ TableName: METRICS_TABLE, Key })).Item?.['n'], n);
  });
});

test('they answer on the loopback only', async () => {
  const { endpoint, close } = await startTables(folder);
  assert.match(endpoint, /^http:\/\/127\.0\.0\.1:\d+$/);
  await close();
});

async function withTables<Result>(
  work: (client: ReturnType<typeof connectLocalTables>) => Promise<Result>,
): Promise<Result> {
  const { endpoint, close } = await startTables(folder);
  const client = connectLocalTables(endpoint);
  try {
    return await work(client);
  } finally {
    client.destroy();
    await close();
  }
}
