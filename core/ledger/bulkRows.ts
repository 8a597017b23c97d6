import { inOrder, slices } from '../inOrder.ts';
import type { ModelRef, SceneRef } from '../messages.ts';
import { keyOfRun, toChanged, toRow } from './ledgerItem.ts';
import type { LedgerRow } from './ledgerRow.ts';
import { isWritten, type TableWith } from './table.ts';

/** BatchGetItem: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
export const MAX_KEYS = 100;
const REQUESTS_AT_ONCE = 4;
const STATE_ALONE = { ProjectionExpression: 'scene, #state', ExpressionAttributeNames: { '#state': 'state' } };

/** The row of a run that a batch brings to its end. */
type EndedRow = LedgerRow & { batch: string };

/** Rows by the hundred, as those of runs are looked up that no execution of their own has. */
export function makeRowLookups(table: TableWith<'batchGet'>, TableName: string) {
  /**
   * The rows of one model version's runs of scenes, those that there are, by the scene's id.
   *
   * @param isNow whether they are asked for as they stand; else at half the price, and they may be a little behind
   */
  async function rowsOf(scenes: readonly SceneRef[], model: ModelRef, isNow = true): Promise<Map<string, LedgerRow>> {
    const keys = scenes.map((scene) => keyOfRun(scene, model));
    const rows = new Map<string, LedgerRow>();
    for await (const items of inOrder(slices(keys, MAX_KEYS), REQUESTS_AT_ONCE, (page) => getAll(page, isNow)))
      for (const item of items) rows.set(String(item['scene']), toRow(item));
    return rows;
  }

  /** The rows of some keys in their order, those that there are; a little behind the table, for who reads a great many. */
  async function rowsAt(keys: Record<string, unknown>[]): Promise<LedgerRow[]> {
    const found = new Map((await getAll(keys, false)).map((item) => [placeOf(item), item]));
    return keys.flatMap((key) => (found.has(placeOf(key)) ? [toRow(found.get(placeOf(key)))] : []));
  }

  /**
   * Scenes whose run by a model version is under way or has come to another end than a failure, by their ids. It may be a
   * little behind the table: whoever is among them is known, and of the others it says nothing.
   */
  async function knownOf(scenes: readonly SceneRef[], model: ModelRef): Promise<Set<string>> {
    const keys = scenes.map((scene) => keyOfRun(scene, model));
    const rows = await getAll(keys, false, STATE_ALONE);
    return new Set(rows.filter(({ state }) => state !== 'FAILED').map(({ scene }) => String(scene)));
  }

  /** One answer has 16 MB at most, and may leave keys out where the table is busy. */
  async function getAll(
    keys: Record<string, unknown>[],
    ConsistentRead = true,
    projection = {},
  ): Promise<Record<string, unknown>[]> {
    const found: Record<string, unknown>[] = [];
    for (let left = keys; left.length > 0; ) {
      const request = { RequestItems: { [TableName]: { Keys: left, ConsistentRead, ...projection } } };
      const { Responses = {}, UnprocessedKeys = {} } = await table.batchGet(request);
      found.push(...(Responses[TableName] ?? []));
      left = UnprocessedKeys[TableName]?.Keys ?? [];
    }
    return found;
  }

  return { rowsOf, rowsAt, knownOf };
}

/** Rows of such runs are written once, in their end state. */
export const makeEnd = (table: TableWith<'put'>, TableName: string) => ({
  /**
   * Writes the row of a run in its end state, in the place of the one that was `seen`: none, or that of a failed attempt
   * before. Says whether it was: else somebody else has brought the run to its end, or is at it.
   */
  async end({ scene, model, changed, ...row }: EndedRow, seen: LedgerRow | undefined): Promise<boolean> {
    const isAsSeen =
      seen === undefined
        ? { ConditionExpression: 'attribute_not_exists(scene)' }
        : {
            ConditionExpression: '#state = :failed AND attempt = :seen',
            ExpressionAttributeNames: { '#state': 'state' },
            ExpressionAttributeValues: { ':failed': 'FAILED', ':seen': seen.attempt },
          };
    const Item = { ...row, ...scene, ...keyOfRun(scene, model), changed: toChanged(changed, row.run) };
    return isWritten(table.put({ TableName, Item, ...isAsSeen }));
  },
});

/** Where an item is in its table, by its key. */
export function placeOf({ scene, model }: Record<string, unknown>): string {
  return `${scene} ${model}`;
}
