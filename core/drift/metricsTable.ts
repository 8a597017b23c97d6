import { storedDrift } from '../ledger/ledgerItem.ts';
import { driftSchema } from '../ledger/ledgerRow.ts';
import { isWritten, queryItems, type TableWith } from '../ledger/table.ts';
import type { ModelRef, RunRef } from '../messages.ts';
import { modelId } from '../run.ts';
import { taskOfSum } from '../tasks/registry.ts';
import type { Judgement } from './window.ts';

/**
 * The metrics table: key `model` (name/version), sort key `window`: `run#<run>`, or `day#<day>#<revision>`. A day's row
 * is never changed: a run that lands late makes a new revision.
 */
export type MetricsTable = ReturnType<typeof makeMetricsTable>;

/**
 * A day's numbers, as of a cut-off: the runs that they count are those that had come to their end by then, as the ledger
 * keeps it (`countedDay`, and `changed` not after `cutOff`), so that they can be recomputed from it.
 */
export type DayRow = { day: string; revision: number; runs: number; judgement: Judgement } & {
  /** Rows of older releases have none. */
  cutOff?: string;
};

export function makeMetricsTable(table: TableWith<'put' | 'query'>, TableName: string) {
  /** Writes a run's numbers, unless a later attempt has written them. */
  async function putRun({ id, model, attempt }: Pick<RunRef, 'id' | 'model' | 'attempt'>, judgement: Judgement) {
    // What its bands are like stands in the ledger's row; here it would be 5 KB, and what it costs to write them.
    const { bands: _sums, bandDrift: _drift, ...numbers } = judgement;
    const Item = { model: modelId(model), window: `run#${id}`, attempt, ...stored(numbers) };
    const isNotLater = { ConditionExpression: NOT_LATER, ExpressionAttributeValues: { ':attempt': attempt } };
    await isWritten(table.put({ TableName, Item, ...isNotLater }));
  }

  async function latestDay(model: ModelRef, day: string): Promise<DayRow | undefined> {
    const { Items } = await table.query({
      TableName,
      KeyConditionExpression: 'model = :model AND begins_with(#window, :day)',
      ExpressionAttributeNames: { '#window': 'window' },
      ExpressionAttributeValues: { ':model': modelId(model), ':day': `day#${day}#` },
      ScanIndexForward: false,
      Limit: 1,
      ConsistentRead: true,
    });
    const [item] = Items ?? [];
    return item === undefined ? undefined : toDayRow(item);
  }

  /** Writes a revision of a day, unless somebody else has written one of that number; says whether it did. */
  async function putDay(model: ModelRef, { judgement, ...row }: DayRow): Promise<boolean> {
    const window = `day#${row.day}#${String(row.revision).padStart(6, '0')}`;
    const Item = { model: modelId(model), window, ...row, ...stored(judgement) };
    return isWritten(table.put({ TableName, Item, ConditionExpression: 'attribute_not_exists(model)' }));
  }

  return { putRun, latestDay, putDay, ...makeDays(table, TableName) };
}

/** The days' numbers, for those who only read them. */
export const makeDays = (table: TableWith<'query'>, TableName: string) => ({
  /** The latest revision of each judged day from `from` to `to` (YYYY-MM-DD, both included), in the days' order. */
  async days(model: ModelRef, from: string, to: string): Promise<DayRow[]> {
    const latest = new Map<string, DayRow>();
    const request = {
      TableName,
      KeyConditionExpression: 'model = :model AND #window BETWEEN :from AND :to',
      ExpressionAttributeNames: { '#window': 'window' },
      ExpressionAttributeValues: { ':model': modelId(model), ':from': `day#${from}#`, ':to': `day#${to}#~` },
    };
    for await (const item of queryItems(table, request)) latest.set(String(item['day']), toDayRow(item)); // revisions come in their order
    return [...latest.values()];
  },
});

/** Rows of older releases name no attempt. */
const NOT_LATER = 'attribute_not_exists(attempt) OR attempt <= :attempt';

/** As JSON where the task has no attributes of its own; see core/tasks/stored.ts. */
function stored(judgement: Judgement) {
  const drift = storedDrift(judgement.drift);
  const { bands, bandDrift } = judgement;
  // JSON as well: DynamoDB's client ends at 2^53, where a sum of squares goes beyond.
  const ofBands = bands && { bands: JSON.stringify({ bands, bandDrift }), bandDrift: undefined };
  if (taskOfSum(judgement).stored !== undefined) return { ...judgement, drift, ...ofBands };
  const { chips, blank, n } = judgement;
  return { chips, blank, n, drift, judgement: JSON.stringify(judgement) };
}

function toDayRow(item: Record<string, unknown>): DayRow {
  const { day, revision, runs, cutOff, model: _model, window: _window, ...judgement } = item;
  const { judgement: json, bands } = judgement;
  const drift = driftSchema.nullable().parse(judgement['drift']);
  const ofBands = bands === undefined ? {} : JSON.parse(String(bands));
  const numbers = json === undefined ? { ...judgement, drift, ...ofBands } : JSON.parse(String(json));
  return { day, revision, runs, cutOff, judgement: numbers } as DayRow;
}
