import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LEDGER_TABLE, METRICS_TABLE } from '../local/tables/tables.ts';
import { startTestTables } from '../test/benches/tables.ts';
import { type Item, itemBytes, SCHEMAS, storedBytes, writeUnits } from './capacityUnits.ts';

const ledger = SCHEMAS.get(LEDGER_TABLE)!;
const of = (item: Item): Item => ({ scene: 'inbox/a#1', model: 'm/1', ...item });
/** In the index byState, and in no other. */
const failed = (item: Item = {}) => of({ state: 'FAILED', changed: '2026-03-01T00:00:00.000Z#r', ...item });

describe("an item's size", () => {
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
  for (const [item, bytes] of [
    [{ a: 'b' }, 2],
    [{ ä: 'ö' }, 4],
    [{ n: 1 }, 3],
    [{ n: 271 }, 4],
    [{ n: 1e-7 }, 3],
    [{ n: Math.PI }, 10],
    [{ t: true }, 2],
    [{ l: ['ab', 1] }, 4 + 3 + 3],
    [{ m: { a: 'b' } }, 4 + 1 + 2],
  ] as const)
    it(`${JSON.stringify(item)}: ${bytes} bytes`, () => {
      assert.equal(itemBytes(item), bytes);
    });
});

describe('write units', () => {
  const units = (before: Item | undefined, after: Item | undefined) => writeUnits(ledger, before, after);
  const large = 'x'.repeat(1024);
  for (const [title, before, after, expected] of [
    ['an item that no index keeps', undefined, of({}), { table: 1, indexes: 0 }],
    ['an item of more than a kilobyte', undefined, of({ large }), { table: 2, indexes: 0 }],
    ['one that was larger before', of({ large }), of({}), { table: 2, indexes: 0 }],
    ['an entry that comes', of({}), failed(), { table: 1, indexes: 1 }],
    ['an entry that goes', failed(), undefined, { table: 1, indexes: 1 }],
    ['an entry of more than a kilobyte', undefined, failed({ large }), { table: 2, indexes: 2 }],
    ['what an index of all keeps changes', failed({ lease: '1' }), failed({ lease: '2' }), { table: 1, indexes: 1 }],
    ['nothing changes', failed({ n: 1 }), failed({ n: 1 }), { table: 1, indexes: 0 }],
    ["an entry's key changes: gone and come", failed(), failed({ state: 'DONE' }), { table: 1, indexes: 2 }],
    [
      'an index of keys keeps what changes not',
      of({ run: 'r' }),
      of({ run: 'r', lease: '2' }),
      { table: 1, indexes: 0 },
    ],
  ] as const)
    it(`of ${title}`, () => {
      assert.deepEqual(units(before, after), expected);
    });

  it('of the indexes that an item is in, all together', () => {
    const row = failed({ run: 'r', countedDay: '2026-03-01' });
    assert.deepEqual(units(undefined, row), { table: 1, indexes: 3 });
  });

  it('are those that dynalite counts for a table', async () => {
    const tables = await startTestTables();
    for (const [i, text] of ['', 'x'.repeat(900), 'x'.repeat(1000), 'x'.repeat(3000)].entries()) {
      const Item = { model: 'm', window: `run#${i}`, text, n: 3.25, list: [1, 'two', { three: null }] };
      const { ConsumedCapacity } = await tables.put({
        TableName: METRICS_TABLE,
        Item,
        ReturnConsumedCapacity: 'TOTAL',
      });
      const { table } = writeUnits(SCHEMAS.get(METRICS_TABLE)!, undefined, Item);
      assert.equal(ConsumedCapacity?.CapacityUnits, table, `${itemBytes(Item)} bytes`);
    }
  });
});

it('an item is kept in its table and in each index that has an entry for it', () => {
  const row = failed({ run: 'r' });
  const ofRun = { scene: row['scene'], model: row['model'], run: 'r' };
  assert.deepEqual(storedBytes(ledger, row), {
    table: itemBytes(row) + 100,
    indexes: itemBytes(row) + 100 + itemBytes(ofRun) + 100, // byState keeps all, byRun its keys
  });
});
