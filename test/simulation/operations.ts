import { REFUSED, type Table } from '../../core/ledger/table.ts';
import { LEDGER_TABLE, METRICS_TABLE } from '../../local/tables/tables.ts';
import type { Random } from '../../replay/sfc32.ts';

/** Operations of the kinds that the service sends to its tables, drawn at random, for whoever has to answer as DynamoDB does. */

export type Operation = { kind: 'get' | 'put' | 'update' | 'delete' | 'query'; input: Record<string, unknown> };

/** What an operation comes to: its answer as JSON, or how it was refused. */
export async function outcomeOf(table: Table, { kind, input }: Operation): Promise<unknown> {
  try {
    const {
      $metadata: _,
      ConsumedCapacity: __,
      ScannedCount: ___,
      ...answer
    } = (await (table[kind] as (input: unknown) => Promise<unknown>).call(table, input)) as Record<string, unknown>;
    return JSON.parse(JSON.stringify(answer));
  } catch (error) {
    return (error as Error).name === REFUSED ? 'refused by its condition' : 'refused';
  }
}

const STATES = ['CLAIMED', 'PREPARED', 'DONE', 'FAILED'];

export function anOperation(random: Random, prefix: string): Operation {
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
          ':to': state,
          ':changed': time(),
          ':zero': 0,
          ':one': 1,
          ':map': { total: random() },
        },
        ReturnValues: 'ALL_NEW',
      },
    }),
    () => ({
      kind: 'query',
      input: {
        TableName,
        Limit,
        ScanIndexForward,
        ConsistentRead: true,
        KeyConditionExpression: 'scene = :scene',
        ExpressionAttributeValues: { ':scene': Key.scene },
      },
    }),
    () => ({
      kind: 'query',
      input: {
        TableName,
        Limit,
        ScanIndexForward,
        IndexName: 'byState',
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
        TableName,
        ScanIndexForward,
        IndexName: 'byDay',
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
        TableName: METRICS_TABLE,
        ScanIndexForward,
        Limit,
        KeyConditionExpression: 'model = :model AND begins_with(#window, :day)',
        ExpressionAttributeNames: { '#window': 'window' },
        ExpressionAttributeValues: { ':model': `${prefix}m`, ':day': `day#${number(2)}#` },
      },
    }),
  ];
  return pick(operations)();
}
