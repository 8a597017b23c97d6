import { type ModelRef, modelId, type RunRef } from '../base/messages.ts';
import { storedDrift } from '../ledger/ledgerItem.ts';
import { driftSchema } from '../ledger/ledgerRow.ts';
import { expressed, isWritten, queryItems, type TableWith, when } from '../ledger/table.ts';
import { withoutFieldsOfDays } from '../measures/expectedRegistry.ts';
import { numbersOf } from './totals.ts';
import type { Judgement } from './window.ts';

/**
 * The metrics table: key `model` (name/version), sort key `window`: `run#<run>`, or `day#<day>#<revision>`. A day's row
 * never changes: a run that lands late makes a new revision.
 */
export type MetricsTable = ReturnType<typeof makeMetricsTable>;

/**
 * A day's numbers as of a cut-off. They count the runs that had ended by then according to the ledger (`countedDay`, and
 * `changed` not after `cutOff`), so they can be recomputed from it.
 */
export type DayRow = { day: string; revision: number; runs: number; judgement: Judgement } & { cutOff: string };

export function makeMetricsTable(table: TableWith<'put' | 'query'>, TableName: string) {
  /** Writes a run's numbers, unless a later attempt has written them. */
  async function putRun({ id, model, attempt }: Pick<RunRef, 'id' | 'model' | 'attempt'>, judgement: Judgement) {
    const Item = { model: modelId(model), window: `run#${id}`, attempt, ...stored(withoutFieldsOfDays(judgement)) };
    await isWritten(table.put({ TableName, Item, ...when(NOT_LATER, { attempt }) }));
  }

  async function latestDay(model: ModelRef, day: string): Promise<DayRow | undefined> {
    const KeyConditionExpression = 'model = :model AND begins_with(#window, :day)';
    const request = expressed({ KeyConditionExpression }, { model: modelId(model), day: `day#${day}#` });
    const newest = { ScanIndexForward: false, Limit: 1, ConsistentRead: true };
    const { Items: [item] = [] } = await table.query({ TableName, ...request, ...newest });
    return item === undefined ? undefined : toDayRow(item);
  }

  /** Writes a revision of a day. Returns false if a revision of that number already exists. */
  async function putDay(model: ModelRef, { judgement, ...row }: DayRow): Promise<boolean> {
    const window = `day#${row.day}#${String(row.revision).padStart(6, '0')}`;
    const Item = { model: modelId(model), window, ...row, ...stored(judgement) };
    return isWritten(table.put({ TableName, Item, ConditionExpression: 'attribute_not_exists(model)' }));
  }

  return { putRun, latestDay, putDay, ...makeDays(table, TableName) };
}

export const makeDays = (table: TableWith<'query'>, TableName: string) => ({
  /** The latest revision of each judged day (YYYY-MM-DD, both inclusive), in order, and at most `most` of them. */
  async days(model: ModelRef, from: string, to: string, most = Infinity): Promise<DayRow[]> {
    const latest = new Map<string, DayRow>();
    const KeyConditionExpression = 'model = :model AND #window BETWEEN :from AND :to';
    const values = { model: modelId(model), from: `day#${from}#`, to: `day#${to}#~` };
    for await (const item of queryItems(table, { TableName, ...expressed({ KeyConditionExpression }, values) })) {
      const day = String(item['day']);
      if (latest.size === most && !latest.has(day)) break;
      latest.set(day, toDayRow(item)); // revisions come in order
    }
    return [...latest.values()];
  },
});

/** The condition also holds if there is no row. */
const NOT_LATER = 'attribute_not_exists(attempt) OR attempt <= :attempt';

/**
 * Some numbers by themselves, for people; the others as JSON, because DynamoDB's client is limited to 2^53, which a sum of
 * squares may exceed. Shares follow from the counts, and would make a labelled run's row larger than 1 KB.
 */
function stored({ chips, blank, n, drift, shares: _, ...others }: Judgement) {
  return { chips, blank, n, drift: storedDrift(drift), judgement: JSON.stringify(others) };
}

function toDayRow(item: Record<string, unknown>): DayRow {
  const { day, revision, runs, cutOff, chips, blank, n, judgement } = item;
  const drift = driftSchema.nullable().parse(item['drift']);
  const others = JSON.parse(String(judgement));
  const { shares } = numbersOf(others);
  return { day, revision, runs, cutOff, judgement: { chips, blank, n, shares, drift, ...others } } as DayRow;
}
