import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { LEDGER_TABLE, METRICS_TABLE } from '../../local/tables.ts';
import { type Random, sfc32 } from '../../replay/sfc32.ts';
import { startTestTables } from '../benches/tables.ts';
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
        const [expected, answer] = [await outcome(real, operation), await outcome(inMemory, operation)];
        assert.deepEqual(answer, expected, `operation ${nth}: ${JSON.stringify(operation)}`);
        if (expected === 'ConditionalCheckFailedException') refused += 1;
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

type Operation = { kind: 'get' | 'put' | 'update' | 'delete' | 'query'; input: Record<string, unknown> };

async function outcome(table: DynamoDBDocument, { kind, input }: Operation): Promise<unknown> {
  try {
    const {
      $metadata: _,
      ConsumedCapacity: __,
      ScannedCount: ___,
      ...answer
    } = (await (table[kind] as (input: unknown) => Promise<unknown>).call(table, input)) as Record<string, unknown>;
    return JSON.parse(JSON.stringify(answer));
  } catch (error) {
    return error instanceof ConditionalCheckFailedException ? error.name : 'refused';
  }
}

const STATES = ['CLAIMED', 'PREPARED', 'DONE', 'FAILED'];

function anOperation(random: Random, prefix: string): Operation {
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)]!;
  const number = (below: number) => Math.floor(random() * below);
  const time = () => `2026-03-0${1 + number(3)}T00:00:0${number(6)}.000Z#${prefix}${number(1000)}`;
  const Key = { scene: `${prefix}/${pick(['a', 'b', 'ü', 'c d'])}`, model: pick(['m/1', 'm/2']) };
  const TableName = LEDGER_TABLE;
  const name = { '#state': 'state' };
  const state = `${prefix}${pick(STATES)}`;
  const condition = pick([
    { ConditionExpression: 'attribute_not_exists(scene)' },
    {
      ConditionExpression: 'attribute_not_exists(scene) OR (#state IN (:from0, :from1) AND lease < :now)',
      ExpressionAttributeNames: name,
      ExpressionAttributeValues: { ':from0': `${prefix}CLAIMED`, ':from1': `${prefix}FAILED`, ':now': time() },
    },
    {
      ConditionExpression: 'attempt = :ourAttempt AND (#state = :state OR attribute_exists(heir))',
      ExpressionAttributeNames: name,
      ExpressionAttributeValues: { ':ourAttempt': 1 + number(3), ':state': state },
    },
    {
      ConditionExpression: 'attempt < attemptLimit AND NOT #state <> :state',
      ExpressionAttributeNames: name,
      ExpressionAttributeValues: { ':state': state },
    },
    { ConditionExpression: 'attempt <= :n', ExpressionAttributeValues: { ':n': number(4) } },
    {
      ConditionExpression: '#error.#name = :name',
      ExpressionAttributeNames: { '#error': 'error', '#name': 'name' },
      ExpressionAttributeValues: { ':name': pick(['ClaimLost', 'Trouble']) },
    },
    {},
  ]) as {
    ConditionExpression?: string;
    ExpressionAttributeNames?: Record<string, string>;
    ExpressionAttributeValues?: Record<string, unknown>;
  };
  const Limit = pick([undefined, 1, 2, 50]);
  const ScanIndexForward = pick([true, false]);
  const operations: (() => Operation)[] = [
    () => ({ kind: 'get', input: { TableName, Key, ConsistentRead: true } }),
    () => ({ kind: 'delete', input: { TableName, Key, ...condition } }),
    () => ({
      kind: 'put',
      input: {
        TableName,
        Item: {
          ...Key,
          state,
          changed: time(),
          run: `${prefix}${number(3)}`,
          attempt: 1 + number(3),
          attemptLimit: 1 + number(3),
          lease: time(),
          parts: [1, { chips: number(3), none: null, left: undefined }],
          ...(random() < 0.5 && { countedDay: `${prefix}${number(2)}`, error: { name: 'Trouble' } }),
        },
        ...condition,
      },
    }),
    () => ({
      kind: 'update',
      input: {
        TableName,
        Key,
        UpdateExpression: `SET #state = :to, changed = :changed, attempt = if_not_exists(attempt, :zero) + :one, #map = :map REMOVE lease, heir`,
        ...condition,
        ExpressionAttributeNames: { ...condition.ExpressionAttributeNames, '#state': 'state', '#map': 'milliseconds' },
        ExpressionAttributeValues: {
          ...condition.ExpressionAttributeValues,
          ...{ ':to': state, ':changed': time(), ':zero': 0, ':one': 1, ':map': { total: random() } },
        },
        ReturnValues: 'ALL_NEW',
      },
    }),
    () => ({
      kind: 'query',
      input: {
        ...{ TableName, Limit, ScanIndexForward, ConsistentRead: true },
        KeyConditionExpression: 'scene = :scene',
        ExpressionAttributeValues: { ':scene': Key.scene },
      },
    }),
    () => ({
      kind: 'query',
      input: {
        ...{ TableName, Limit, ScanIndexForward, IndexName: 'byState' },
        ...pick([
          { KeyConditionExpression: '#state = :state AND changed >= :since' },
          { KeyConditionExpression: '#state = :state AND changed < :since', Select: 'COUNT' },
          { KeyConditionExpression: '#state = :state AND begins_with(changed, :since)' },
        ]),
        ExpressionAttributeNames: name,
        ExpressionAttributeValues: { ':state': state, ':since': `2026-03-0${1 + number(3)}` },
      },
    }),
    () => ({
      kind: 'query',
      input: {
        ...{ TableName, ScanIndexForward, IndexName: 'byDay' },
        KeyConditionExpression: 'countedDay = :day AND changed BETWEEN :from AND :to',
        ...pick([{}, { ProjectionExpression: 'scene, model' }]),
        ExpressionAttributeValues: {
          ':day': `${prefix}${number(2)}`,
          ':from': '2026-03-01',
          ':to': `2026-03-0${2 + number(2)}~`,
        },
      },
    }),
    () => ({
      kind: 'put',
      input: {
        TableName: METRICS_TABLE,
        Item: { model: `${prefix}m`, window: `day#${number(2)}#${number(4)}`, runs: number(9) },
        ConditionExpression: 'attribute_not_exists(model)',
      },
    }),
    () => ({
      kind: 'query',
      input: {
        ...{ TableName: METRICS_TABLE, ScanIndexForward, Limit },
        KeyConditionExpression: 'model = :model AND begins_with(#window, :day)',
        ExpressionAttributeNames: { '#window': 'window' },
        ExpressionAttributeValues: { ':model': `${prefix}m`, ':day': `day#${number(2)}#` },
      },
    }),
  ];
  return pick(operations)();
}
