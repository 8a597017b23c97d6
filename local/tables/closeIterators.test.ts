import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Level } from './closeIterators.ts';
import { connectLocalTables } from './tableClients.ts';
import { METRICS_TABLE, startTables } from './tables.ts';

test('a query lets go of what it has read, be it all or the first item of many', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'swath-iterators-'));
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
