import { inOrder, slices } from '../base/concurrency/inOrder.ts';
import { untilNoneLeft } from '../base/concurrency/untilNoneLeft.ts';
import type { ModelRef, SceneRef } from '../base/messages.ts';
import { expiry, keyOfRun, toChanged, toRow } from './ledgerItem.ts';
import type { LedgerRow } from './ledgerRow.ts';
import { expressed, IS_NEW, type Item, isWritten, type TableWith, when } from './table.ts';

/** BatchGetItem: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
export const MAX_KEYS = 100;
const REQUESTS_AT_ONCE = 4;

export function makeGetAll(table: TableWith<'batchGet'>, TableName: string) {
  /** Reads up to 100 keys. A response holds up to 16 MB, and may omit keys while the table is throttled. */
  return async (keys: Item[], ConsistentRead = true, projection = {}): Promise<Item[]> => {
    const found: Item[] = [];
    await untilNoneLeft(keys, async (Keys) => {
      const request = { RequestItems: { [TableName]: { Keys, ConsistentRead, ...projection } } };
      const { Responses = {}, UnprocessedKeys = {} } = await table.batchGet(request);
      found.push(...(Responses[TableName] ?? []));
      return UnprocessedKeys[TableName]?.Keys ?? [];
    });
    return found;
  };
}

/** Reads rows in groups of up to 100, for runs without an execution of their own. */
export function makeRowLookups(table: TableWith<'batchGet'>, TableName: string) {
  const getAll = makeGetAll(table, TableName);

  /** Returns the rows by scene id; without `isNow`, at half the price and perhaps stale. */
  async function rowsOf(scenes: readonly SceneRef[], model: ModelRef, isNow = true): Promise<Map<string, LedgerRow>> {
    const keys = scenes.map((scene) => keyOfRun(scene, model));
    const rows = new Map<string, LedgerRow>();
    for await (const items of inOrder(slices(keys, MAX_KEYS), REQUESTS_AT_ONCE, (page) => getAll(page, isNow)))
      for (const item of items) rows.set(String(item['scene']), toRow(item));
    return rows;
  }

  /** Returns the existing rows for the given keys, in order. Eventually consistent, because callers read many rows. */
  async function rowsAt(keys: Record<string, unknown>[]): Promise<LedgerRow[]> {
    const found = new Map((await getAll(keys, false)).map((item) => [placeOf(item), item]));
    return keys.flatMap((key) => (found.has(placeOf(key)) ? [toRow(found.get(placeOf(key)))] : []));
  }

  /** The ids of scenes whose run is in progress or has ended well. Eventually consistent: a missing id proves nothing. */
  async function knownOf(scenes: readonly SceneRef[], model: ModelRef): Promise<Set<string>> {
    const keys = scenes.map((scene) => keyOfRun(scene, model));
    const states = expressed({ ProjectionExpression: 'scene, #state' });
    const pages = inOrder(slices(keys, MAX_KEYS), REQUESTS_AT_ONCE, (page) => getAll(page, false, states));
    const rows = (await Array.fromAsync(pages)).flat();
    return new Set(rows.filter(({ state }) => state !== 'FAILED').map(({ scene }) => String(scene)));
  }

  return { rowsOf, rowsAt, knownOf };
}

export const makeEnd = (table: TableWith<'put'>, TableName: string, requestDays = Infinity) => ({
  /** False if another worker has ended the run or is working on it. `seen` is none, or the row of a failed attempt. */
  async end({ scene, model, changed, ...row }: LedgerRow & { batch: string }, seen: LedgerRow | undefined) {
    const isAsSeen = seen && when('#state = :failed AND attempt = :seen', { failed: 'FAILED', seen: seen.attempt });
    const key = { ...scene, ...keyOfRun(scene, model) };
    const Item = { ...row, ...key, changed: toChanged(changed, row.run), ...expiry(requestDays, scene, row.day) };
    return isWritten(table.put({ TableName, Item, ...(isAsSeen ?? IS_NEW) }));
  },
});

export const placeOf = ({ scene, model }: Record<string, unknown>): string => `${scene} ${model}`;
