import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { makeLedger } from '../../core/ledger/ledger.ts';
import { connectOwnTables } from '../../test/benches/ownTables.ts';
import { connectLocalTables } from './tableClients.ts';
import { LEDGER_TABLE, METRICS_TABLE, startTables } from './tables.ts';

const folder = mkdtempSync(join(tmpdir(), 'swath-tables-'));
after(() => rmSync(folder, { recursive: true }));

test('the tables keep their rows over a restart', async () => {
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

describe('asked without a network', () => {
  const scene = { bucket: 'inbox', key: 'b', versionId: 'v1' };
  const model = { name: 'baseline', version: '1.0.0' };
  const request = { scene, model, execution: 'e', now: new Date(), leaseSeconds: 60, attemptLimit: 3 };

  test('they say the same as over it', async () => {
    const { endpoint, ask, close } = await startTables(folder);
    const over = connectLocalTables(endpoint);
    const ledger = makeLedger(connectOwnTables(ask), LEDGER_TABLE);
    const { held, row } = await ledger.claim(request);
    assert.equal(held, true);
    assert.deepEqual(await makeLedger(over, LEDGER_TABLE).get(scene, model), row);
    assert.equal((await ledger.claim({ ...request, execution: 'other' })).held, false); // a condition that fails
    await assert.rejects(connectOwnTables(ask).get({ TableName: 'none', Key: {} }), {
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found',
    });
    over.destroy();
    await close();
  });

  test('without a network, started requests end before the tables close, and no more begin', async () => {
    const { ask, close } = await startTables(folder);
    const client = connectOwnTables(ask);
    const rows = Array.from({ length: 50 }, (_, i) => ({ model: 'closing/1.0.0', window: `run#${i}` }));
    const begun = rows.map((Item) => client.put({ TableName: METRICS_TABLE, Item }));
    await new Promise(setImmediate); // they are on their way
    const closed = close();
    const late = client.put({ TableName: METRICS_TABLE, Item: { model: 'closing/1.0.0', window: 'run#late' } });
    await assert.rejects(late, { code: 'ECONNREFUSED' });
    await Promise.all([...begun, closed]);
    const found = await withTables((after) =>
      after.query({
        TableName: METRICS_TABLE,
        KeyConditionExpression: 'model = :model',
        ExpressionAttributeValues: { ':model': 'closing/1.0.0' },
      }),
    );
    assert.equal(found.Count, 50);
  });
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
