import { isDeepStrictEqual } from 'node:util';
import { inOrder, slices } from '../base/concurrency/inOrder.ts';
import { MAX_KEYS, makeGetAll } from '../ledger/bulkRows.ts';
import { expressed, type Item, queryItems, type TableWith, unlessRefused } from '../ledger/table.ts';
import type { FeatureGroup, FeatureRecord, FeatureSource } from './contract.ts';

const REQUESTS_AT_ONCE = 4;

/** What became of a record: `older` than the one that is there, or `other` than the one of its time. */
export type Put = 'new' | 'same' | 'older' | 'other';

const recordOf = ({ id, time, version, values }: Item): FeatureRecord => ({
  id: String(id),
  time: String(time),
  version: Number(version),
  values: JSON.parse(String(values)),
});

/** Reads the stage's own features: a row for the latest record of each id of a group. */
export function makeFeatureTable(table: TableWith<'batchGet'>, TableName: string) {
  const getAll = makeGetAll(table, TableName);
  return {
    async read({ name: group }: Pick<FeatureGroup, 'name'>, ids: readonly string[]) {
      const keys = ids.map((id) => ({ group, id }));
      const pages = inOrder(slices(keys, MAX_KEYS), REQUESTS_AT_ONCE, (page) => getAll(page));
      const records = (await Array.fromAsync(pages)).flat().map(recordOf);
      return new Map(records.map((record) => [record.id, record]));
    },
  } satisfies FeatureSource;
}

export type Features = ReturnType<typeof makeFeatures>;

/** Stores, lists and removes features as well. An id and an event time are one record, however often it is put. */
export function makeFeatures(table: TableWith<'batchGet' | 'query' | 'update' | 'delete'>, TableName: string) {
  const { read } = makeFeatureTable(table, TableName);

  async function put(group: string, { id, time, values }: Omit<FeatureRecord, 'version'>): Promise<Put> {
    const expressions = {
      UpdateExpression: 'SET #time = :time, #values = :values ADD #version :one',
      ConditionExpression: 'attribute_not_exists(#time) OR #time < :time',
    };
    const text = JSON.stringify(values); // numbers of DynamoDB are decimal, and not all of JavaScript's
    const update = { TableName, Key: { group, id }, ...expressed(expressions, { time, values: text, one: 1 }) };
    if ((await unlessRefused(table.update(update))) !== undefined) return 'new';
    const there = (await read({ name: group }, [id])).get(id);
    if (there === undefined || there.time > time) return 'older';
    return isDeepStrictEqual(there.values, JSON.parse(text)) ? 'same' : 'other';
  }

  /** Yields the records of a group by their ids. */
  async function* list(group: string): AsyncGenerator<FeatureRecord, void, void> {
    const all = expressed({ KeyConditionExpression: '#group = :group' }, { group });
    for await (const item of queryItems(table, { TableName, ...all })) yield recordOf(item);
  }

  return { read, put, list, remove: (group: string, id: string) => table.delete({ TableName, Key: { group, id } }) };
}
