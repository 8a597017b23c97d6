import { inOrder, slices } from '../base/concurrency/inOrder.ts';
import { type SceneRef, sceneId } from '../base/messages.ts';
import { MAX_KEYS, makeRowLookups } from './bulkRows.ts';
import type { ByState, Cursor, Ledger, OfDay, RowPage } from './contract.ts';
import { type EndedRun, isShadowItem, stateOfShadow, TO_BE_TRIED, toEnded, toRow } from './ledgerItem.ts';
import { hasFailedForGood, type LedgerRow } from './ledgerRow.ts';
import type { State } from './states.ts';
import { expressed, type Query, queryPages, type TableWith, wholePartition } from './table.ts';

/** The most runs on a page of the index by day; well below the megabyte that a page may hold. */
const LARGEST_PAGE = 1000;
const PAGES_GROW = 4;

const PAGES_AT_ONCE = 4;

/** Each index has functions of its own, because each needs its own permission. */
export const makeOfScene = (table: TableWith<'query'>, TableName: string) => ({
  async ofScene(scene: SceneRef): Promise<LedgerRow[]> {
    const { Items = [] } = await table.query(wholePartition(TableName, sceneId(scene)));
    return Items.map(toRow);
  },
});

export function makeByRun(table: TableWith<'get' | 'query'>, TableName: string) {
  async function find(run: string, isShadow: boolean): Promise<LedgerRow | undefined> {
    const request = expressed({ KeyConditionExpression: 'run = :run' }, { run });
    const { Items: [found] = [] } = await table.query({ TableName, IndexName: 'byRun', ...request });
    if (found === undefined || isShadowItem(found) !== isShadow) return undefined;
    const { Item } = await table.get({ TableName, Key: { scene: found['scene'], model: found['model'] } });
    return Item === undefined ? undefined : toRow(Item);
  }

  return {
    /** Ignores the runs of shadows. */
    byRun: (run: string) => find(run, false),
    shadowByRun: (run: string) => find(run, true),
  };
}

export function makeByState(table: TableWith<'query'>, TableName: string) {
  /** Returns one page of the runs in a state, or of the shadow runs, newest first, from `since` to `until`. */
  async function byState(state: State, options: ByState = {}): Promise<RowPage> {
    const { since = new Date(0), until } = options;
    const range = until === undefined ? '>= :since' : 'BETWEEN :since AND :until';
    const values = {
      state: options.ofShadows === true ? stateOfShadow(state) : state,
      since: since.toISOString(),
      until: until && `${until.toISOString()}#~`, // sorts after every run id
    };
    const { Items = [], LastEvaluatedKey } = await table.query({
      TableName,
      IndexName: 'byState',
      ...expressed({ KeyConditionExpression: `#state = :state AND changed ${range}` }, values),
      ScanIndexForward: options.oldestFirst ?? false,
      Limit: options.limit,
      ExclusiveStartKey: options.cursor,
    });
    return { rows: Items.map(toRow), cursor: LastEvaluatedKey as Cursor | undefined };
  }

  /** Counts the runs that entered a state from `from` on and before `to`. With `atMost`, counting stops there. */
  async function countByState(state: State, { from, to, atMost }: { from: Date; to: Date; atMost?: number }) {
    let count = 0;
    const KeyConditionExpression = '#state = :state AND changed BETWEEN :from AND :to'; // "…Z#run" is after "…Z"
    const request = {
      TableName,
      IndexName: 'byState',
      Select: 'COUNT',
      ...expressed({ KeyConditionExpression }, { state, from: from.toISOString(), to: to.toISOString() }),
      Limit: atMost,
    } as const;
    for await (const { Count = 0 } of queryPages(table, request)) {
      count += Count;
      if (atMost !== undefined && count >= atMost) return atMost;
    }
    return count;
  }

  return { byState, countByState };
}

const PAGE = 200;

/** Yields the rows in a state, page by page, newest first unless asked otherwise, up to the wanted number. */
export async function* rowsInState(
  { byState }: Pick<Ledger, 'byState'>,
  state: State,
  { limit = Infinity, ...query }: { limit?: number; since?: Date; oldestFirst?: boolean; ofShadows?: boolean } = {},
): AsyncGenerator<LedgerRow> {
  let left = limit;
  let cursor: Cursor | undefined;
  do {
    const page = await byState(state, { ...query, limit: Math.min(left, PAGE), ...(cursor && { cursor }) });
    yield* page.rows;
    left -= page.rows.length;
    cursor = page.cursor;
  } while (cursor !== undefined && left > 0);
}

type NewestQuery = { limit: number; since?: Date; ofShadows?: boolean };

/** Returns the newest rows of several states, the newest first. */
export const newestInStates = async (ledger: Pick<Ledger, 'byState'>, states: readonly State[], query: NewestQuery) =>
  (await newestOfEachState(ledger, states, query)).slice(0, query.limit);

/** Returns the newest rows of each of several states, up to the limit of each, the newest first. */
export async function newestOfEachState(ledger: Pick<Ledger, 'byState'>, states: readonly State[], query: NewestQuery) {
  const pages = await Promise.all(states.map((state) => Array.fromAsync(rowsInState(ledger, state, query))));
  const rows = new Map(pages.flat().map((row) => [row.run, row])); // one that changes meanwhile can be on two pages
  return [...rows.values()].sort((a, b) => b.changed.localeCompare(a.changed));
}

export function makeFailures(table: TableWith<'query' | 'batchGet'>, TableName: string) {
  const { byState } = makeByState(table, TableName);
  const { rowsAt } = makeRowLookups(table, TableName);

  /** The earlier ones are few, however many failed for good, and are found even if the clock was wrong then. */
  const failures: Ledger['failures'] = async ({ since, limit, cursor }) => {
    const isInSecond = cursor !== null && !('countedDay' in cursor);
    const former = since === null || isInSecond ? undefined : await toBeTriedBefore(since, limit, cursor);
    if (former?.cursor !== undefined) return former;
    const from = { ...(since !== null && { since }), ...(isInSecond && { cursor }) };
    const page = await byState('FAILED', { limit, oldestFirst: true, ...from });
    return { rows: [...(former?.rows ?? []), ...page.rows], cursor: page.cursor };
  };

  async function toBeTriedBefore(time: Date, limit: number, cursor: Cursor | null) {
    const KeyConditionExpression = 'countedDay = :toBeTried AND changed < :time';
    const values = { toBeTried: TO_BE_TRIED, time: time.toISOString() };
    const { Items = [], LastEvaluatedKey } = await table.query({
      TableName,
      IndexName: 'byDay',
      ...expressed({ KeyConditionExpression, ProjectionExpression: 'scene, model' }, values),
      Limit: limit,
      ExclusiveStartKey: cursor ?? undefined,
    });
    const found = await Array.fromAsync(rowsOfKeys(Items, rowsAt));
    const rows = found.filter((row) => row.state === 'FAILED' && !hasFailedForGood(row));
    return { rows, cursor: LastEvaluatedKey as Cursor | undefined };
  }

  return { failures };
}

export const makeOfDay = (table: TableWith<'query'>, TableName: string) => ({
  /** The first page has up to `pageSize` runs, each further one more: a few are cheap, all take few requests. */
  async *ofDay(day: string, { newestFirst = false, pageSize, cutOff }: OfDay = {}): AsyncGenerator<EndedRun> {
    const order = { ScanIndexForward: !newestFirst };
    const request: Query = { TableName, ...ofDayIndex(day, cutOff), ...order, Limit: pageSize };
    for await (const { Items = [] } of queryPages(table, request)) {
      yield* Items.map(toEnded);
      request.Limit &&= Math.min(LARGEST_PAGE, PAGES_GROW * request.Limit);
    }
  },
});

export function makeRowsOfDay(table: TableWith<'query' | 'batchGet'>, TableName: string) {
  const { rowsAt } = makeRowLookups(table, TableName);
  return {
    async *rowsOfDay(day: string): AsyncGenerator<LedgerRow> {
      const request = { TableName, ...ofDayIndex(day), ProjectionExpression: 'scene, model' };
      for await (const { Items = [] } of queryPages(table, request)) yield* rowsOfKeys(Items, rowsAt);
    },
  };
}

async function* rowsOfKeys(items: Record<string, unknown>[], rowsAt: ReturnType<typeof makeRowLookups>['rowsAt']) {
  const keys = items.map(({ scene, model }) => ({ scene, model }));
  for await (const rows of inOrder(slices(keys, MAX_KEYS), PAGES_AT_ONCE, rowsAt)) yield* rows;
}

function ofDayIndex(day: string, cutOff = '') {
  const KeyConditionExpression = 'countedDay = :day AND changed <= :cutOff';
  // "#~" sorts after every run id, and "~" after every time.
  const values = { day, cutOff: `${cutOff}${cutOff && '#'}~` };
  return { IndexName: 'byDay', ...expressed({ KeyConditionExpression }, values) };
}
