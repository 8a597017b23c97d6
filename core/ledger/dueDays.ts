import * as z from 'zod';
import { inOrder } from '../inOrder.ts';
import { batchRefSchema, modelRefSchema, sceneRefSchema } from '../messages.ts';
import { queryItems, type TableWith } from './table.ts';

const DUE = 'sweep#due';
const JUDGED = { scene: 'sweep#judged', model: '-' };
const AT_ONCE = 20;
/** So many of a day's marks are looked at, and cleared, in one go; those of a larger crowd stay for the next one. */
const MOST_MARKS = 100_000;
const LEFT = '-left';
/** Sorts behind all that is sorted by a time. */
const END = '~';

const landingSchema = z.object({ scene: sceneRefSchema, model: modelRefSchema });
const markSchema = z.object({
  day: z.iso.date(),
  /** Which attempt of which run set it. */
  mark: z.string(),
  at: z.iso.datetime(),
  landing: landingSchema.optional(),
  /** In their place, a batch of them. */
  batch: batchRefSchema.optional(),
});
/** Says that a closed day's numbers have to be looked at again: since when, and for which run's sake, if for one's. */
export type Mark = z.infer<typeof markSchema>;
export type DueDays = ReturnType<typeof makeMarkDue> & ReturnType<typeof makeDueDays>;
const judgedSchema = z.object({ judgedUntil: z.iso.date() });

/**
 * Which closed days the next sweep has to judge: those after the last one judged, and those that runs landed late in. Each
 * mark is a row of its own, sorted by its day and its time, so that nobody reads more of them than those asked for.
 */
export const makeMarkDue = (table: TableWith<'put'>, TableName: string) => ({
  /** Written before the run counts, so that none can count without the day's next judgement. */
  async markDue(mark: Mark): Promise<void> {
    await table.put({ TableName, Item: { scene: DUE, model: `${placeOf(mark)}#${mark.mark}`, ...mark } });
  },
});

/** The same days, to be judged. */
export function makeDueDays(table: TableWith<'get' | 'put' | 'delete' | 'query'>, TableName: string) {
  /** The days before one that are marked, the latest first; a request each, however many marks it has. */
  async function dueDays(before: string): Promise<string[]> {
    const days: string[] = [];
    for (let end = before; ; end = days.at(-1)!) {
      const { Items = [] } = await table.query({ ...between('0', end), ScanIndexForward: false, Limit: 1 });
      const [item] = Items;
      if (item === undefined) return days;
      days.push(markSchema.parse(item).day);
    }
  }

  /** The marks of a day that were set at a time or later, `atMost` so many of them. */
  async function marksSince(day: string, since: Date, atMost = MOST_MARKS): Promise<Mark[]> {
    const marks: Mark[] = [];
    const request = { ...between(placeOf({ day, at: since.toISOString() }), `${day}#${END}`), Limit: atMost };
    for await (const item of queryItems(table, request)) if (marks.push(markSchema.parse(item)) >= atMost) break;
    return marks;
  }

  /** Which marks of a day were set before a time, by their sort keys. */
  async function marksBefore(day: string, before: Date): Promise<string[]> {
    const keys: string[] = [];
    const range = between(`${day}#`, placeOf({ day, at: before.toISOString() }));
    for await (const item of queryItems(table, { ...range, ProjectionExpression: 'model' }))
      if (keys.push(String(item['model'])) >= MOST_MARKS) break;
    return keys;
  }

  /** A day is due no more for these marks' sake, as far as there is time; others stay. */
  async function clearMarks(keys: readonly string[], hasTime: () => boolean): Promise<void> {
    const inTime = function* () {
      for (const key of keys) {
        if (!hasTime()) return;
        yield key;
      }
    };
    const clear = (model: string) => table.delete({ TableName, Key: { scene: DUE, model } });
    for await (const _cleared of inOrder(inTime(), AT_ONCE, clear));
  }

  /** The last day that was judged or marked, as all before it were; null where none ever was. */
  async function judgedUntil(): Promise<string | null> {
    const { Item } = await table.get({ TableName, Key: JUDGED, ConsistentRead: true });
    return Item === undefined ? null : judgedSchema.parse(Item).judgedUntil;
  }

  async function setJudgedUntil(day: string): Promise<void> {
    await table.put({ TableName, Item: { ...JUDGED, judgedUntil: day } });
  }

  /** Marks between two places: from the first on, up to the second. */
  function between(from: string, to: string) {
    return {
      TableName,
      KeyConditionExpression: 'scene = :due AND model BETWEEN :from AND :to',
      ExpressionAttributeValues: { ':due': DUE, ':from': from, ':to': to },
      ConsistentRead: true,
    };
  }

  return { dueDays, marksSince, marksBefore, clearMarks, judgedUntil, setJudgedUntil };
}

/** What an attempt of a run marks its day with when it leaves it: it counts no more. */
export function leftMark(run: string, attempt: number): string {
  return `${run}-${attempt}${LEFT}`;
}

/** Whether a mark, or its sort key, says that a run has left the day, whose numbers may so become less. */
export function saysLeft(mark: string): boolean {
  return mark.endsWith(LEFT);
}

/** Where a mark stands among the others: `…#<mark>` follows. */
function placeOf({ day, at }: Pick<Mark, 'day' | 'at'>): string {
  return `${day}#${at}`;
}
