import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { isTransient } from '../../core/base/step.ts';
import { sfc32 } from '../../replay/sfc32.ts';
import { connectOwnTables } from '../../test/benches/ownTables.ts';
import { anOperation, outcomeOf } from '../../test/simulation/operations.ts';
import { askForTables } from './askForTables.ts';
import { LEDGER_TABLE, METRICS_TABLE, startTables } from './tables.ts';

/** A worker's tables answer as AWS's client does. */

const OPERATIONS = 400;

describe('what a worker asks of the tables', async () => {
  const [one, other] = [await startTables(), await startTables()];
  const client = connectOwnTables(one.ask);
  const asked = askForTables(other.ask);
  after(async () => {
    client.destroy();
    await Promise.all([one.close(), other.close()]);
  });

  test(`is answered as AWS's client has it, ${OPERATIONS} operations`, async () => {
    const random = sfc32(4, 0, 0);
    let refused = 0;
    for (let nth = 0; nth < OPERATIONS; nth += 1) {
      const operation = anOperation(random, '4');
      const [expected, answer] = [await outcomeOf(client, operation), await outcomeOf(asked, operation)];
      assert.deepEqual(answer, expected, `operation ${nth}: ${JSON.stringify(operation)}`);
      if (expected === 'refused by its condition') refused += 1;
    }
    assert.ok(refused > OPERATIONS / 50, `${refused} refused: too tame`);
  });

  test('goes on where a page ends', async () => {
    const TableName = METRICS_TABLE;
    for (let i = 0; i < 5; i += 1)
      for (const table of [client, asked])
        await table.put({ TableName, Item: { model: 'paged', window: `${i}`, n: i } });
    const query = {
      TableName,
      Limit: 2,
      KeyConditionExpression: 'model = :model',
      ExpressionAttributeValues: { ':model': 'paged' },
    };
    const { LastEvaluatedKey } = await asked.query(query);
    assert.deepEqual(LastEvaluatedKey, { model: 'paged', window: '1' });
    const { Items } = await asked.query({ ...query, ExclusiveStartKey: LastEvaluatedKey });
    assert.deepEqual(Items, (await client.query({ ...query, ExclusiveStartKey: LastEvaluatedKey })).Items);
    assert.deepEqual(
      Items?.map(({ window }) => window),
      ['2', '3'],
    );
  });

  test('is answered for several rows together', async () => {
    const Keys = ['0', '3', 'none'].map((window) => ({ model: 'paged', window }));
    const request = { RequestItems: { [METRICS_TABLE]: { Keys, ConsistentRead: true } } };
    const { Responses, UnprocessedKeys } = await asked.batchGet(request);
    const inOrder = (rows: Record<string, unknown>[] = []) => rows.map(({ n }) => n).sort(); // of its answers there is none
    const { Responses: expected } = await client.batchGet(request);
    assert.deepEqual(inOrder(Responses?.[METRICS_TABLE]), inOrder(expected?.[METRICS_TABLE]));
    assert.deepEqual([Responses?.[METRICS_TABLE]?.length, UnprocessedKeys], [2, {}]);
  });

  test('fails by the same name and in the same words', async () => {
    for (const fails of [
      { TableName: 'none', Item: { model: 'a', window: 'b' } },
      { TableName: METRICS_TABLE, Item: { model: 'a' } },
      { TableName: METRICS_TABLE, Item: { model: 'a', window: 'b', n: Number.NaN } },
      {
        TableName: METRICS_TABLE,
        Item: { model: 'paged', window: '0' },
        ConditionExpression: 'attribute_not_exists(model)',
      },
    ]) {
      const errors: Error[] = [];
      for (const table of [client, asked])
        await assert.rejects(table.put(fails), (error: Error) => errors.push(error) > 0);
      const [expected, found] = errors;
      assert.deepEqual([found?.name, found?.message], [expected?.name, expected?.message]);
      assert.equal(isTransient(found), false);
    }
    await assert.rejects(asked.get({ TableName: LEDGER_TABLE, Key: {} }), { name: 'ValidationException' });
  });
});

test('trouble of the tables themselves is trouble of the moment', async () => {
  for (const ask of [
    async () => ({
      status: 500,
      body: '{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"Oh."}',
    }),
    async () => ({ status: 503, body: '' }),
    () => Promise.reject(Object.assign(new Error('The tables are closed.'), { code: 'ECONNREFUSED' })),
  ])
    await assert.rejects(
      askForTables(ask).get({ TableName: LEDGER_TABLE, Key: { scene: 's', model: 'm' } }),
      isTransient,
    );
});
