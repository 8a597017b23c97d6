import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LEDGER_TABLE } from '../../local/tables/tables.ts';
import { sfc32 } from '../../replay/sfc32.ts';
import { startTestTables } from '../benches/tables.ts';
import { anOperation, outcomeOf } from './operations.ts';
import { makeTableStore, TableClient } from './table.ts';

/** The tables in memory answer as the embedded stack's do, on operations of the kinds that the service sends. */

const OPERATIONS = 400;

describe('the tables in memory', async () => {
  const real = await startTestTables();

  for (const seed of [1, 2, 3])
    test(`answer as dynalite does, ${OPERATIONS} operations of seed ${seed}`, async () => {
      const { act } = makeTableStore();
      const inMemory = new TableClient(async (command, input) => act(command, input));
      const random = sfc32(seed, 0, 0);
      let refused = 0;
      let found = 0;
      for (let nth = 0; nth < OPERATIONS; nth += 1) {
        const operation = anOperation(random, `${seed}`);
        const [expected, answer] = [await outcomeOf(real, operation), await outcomeOf(inMemory, operation)];
        assert.deepEqual(answer, expected, `operation ${nth}: ${JSON.stringify(operation)}`);
        if (expected === 'refused by its condition') refused += 1;
        if (JSON.stringify(expected).includes('"Items":[{')) found += 1;
      }
      assert.ok(refused > OPERATIONS / 50 && found > OPERATIONS / 50, `${refused} refused, ${found} found: too tame`);
    });

  test('refuse what the document client or DynamoDB refuses', async () => {
    const { act } = makeTableStore();
    const inMemory = new TableClient(async (command, input) => act(command, input));
    for (const Item of [
      { scene: 's' },
      { scene: 's', model: '' },
      { scene: 's', model: 'm', n: Number.NaN },
      { scene: 's', model: 'm', at: new Date(0) },
      { scene: 's', model: 'm', state: 3 },
      { scene: 's', model: 'm', text: 'x'.repeat(400 * 1024) },
    ])
      for (const table of [real, inMemory])
        await assert.rejects(table.put({ TableName: LEDGER_TABLE, Item }), `${Object.keys(Item)}`);
    for (const ConditionExpression of ['state = :a', 'attempt = :b', 'attempt =', 'attempt = :a AND #x = :a'])
      for (const table of [real, inMemory])
        await assert.rejects(
          table.put({
            TableName: LEDGER_TABLE,
            Item: { scene: 's', model: 'm' },
            ConditionExpression,
            ExpressionAttributeValues: { ':a': 'DONE' },
          }),
          ConditionExpression,
        );
  });
});
