import * as z from 'zod';
import { inOrder, whileTime } from '../base/concurrency/inOrder.ts';
import { batchRefSchema, modelRefSchema, type RunRef, sceneRefSchema } from '../base/messages.ts';
import { dayOf } from '../base/time/days.ts';
import type { OpenBatch } from './openBatches.ts';
import { expressed, isWritten, queryItems, type TableWith, when, wholePartition } from './table.ts';

const DUE = 'sweep#due';
const REVISED = 'sweep#revised';
const JUDGED = { scene: 'sweep#judged', model: '-' };
const AT_ONCE = 20;
/** The number of marks of one day that are read or cleared at once; the rest wait for the next sweep. */
const MOST_MARKS = 100_000;
const LEFT = '-left';
const END = '~';

const markSchema = z.object({
  day: z.iso.date(),
  /** The attempt of a run that set the mark. */
  mark: z.string(),
  at: z.iso.datetime(),
  landing: z.object({ scene: sceneRefSchema, model: modelRefSchema }).optional(),
  batch: batchRefSchema.optional(),
});
/** Says that a closed day has to be judged again: since when, and because of which run or batch, if it was one. */
export type Mark = z.infer<typeof markSchema>;
export type DueDays = ReturnType<typeof makeMarkDue> & ReturnType<typeof makeDueDays>;
const judgedSchema = z.object({ judgedUntil: z.iso.date() });

/**
 * Keeps the closed days that the next sweep has to judge: those after the last judged one, and those that late runs
 * belong to. Each mark is a row of its own, sorted by day and time, so that no reader reads more marks than it needs.
 */
export const makeMarkDue = (table: TableWith<'put'>, TableName: string) => ({
  async markDue(mark: Mark): Promise<void> {
    await table.put({ TableName, Item: { scene: DUE, model: `${placeOf(mark)}#${mark.mark}`, ...mark } });
  },
});

export function makeDueDays(table: TableWith<'get' | 'put' | 'delete' | 'query'>, TableName: string) {
  /** Returns the marked days before `before`, latest first. One request per day, however many marks it has. */
  async function dueDays(before: string): Promise<string[]> {
    const days: string[] = [];
    for (let end = before; ; end = days.at(-1)!) {
      const { Items: [item] = [] } = await table.query({ ...between('0', end), ScanIndexForward: false, Limit: 1 });
      if (item === undefined) return days;
      days.push(markSchema.parse(item).day);
    }
  }

  async function marksSince(day: string, since: Date): Promise<Mark[]> {
    const range = between(placeOf({ day, at: since.toISOString() }), `${day}#${END}`);
    return Array.fromAsync(queryItems(table, range, MOST_MARKS), (item) => markSchema.parse(item));
  }

  async function marksBefore(day: string, before: Date): Promise<string[]> {
    const range = between(`${day}#`, placeOf({ day, at: before.toISOString() }));
    const request = { ...range, ProjectionExpression: 'model' };
    return Array.fromAsync(queryItems(table, request, MOST_MARKS), ({ model }) => String(model));
  }

  async function clearMarks(keys: readonly string[], hasTime: () => boolean): Promise<void> {
    const clear = (model: string) => table.delete({ TableName, Key: { scene: DUE, model } });
    for await (const _cleared of inOrder(whileTime(keys, hasTime), AT_ONCE, clear));
  }

  /** Returns the latest day up to which every day has been judged or marked, or null if there is none. */
  async function judgedUntil(): Promise<string | null> {
    const { Item } = await table.get({ TableName, Key: JUDGED, ConsistentRead: true });
    return Item === undefined ? null : judgedSchema.parse(Item).judgedUntil;
  }

  async function setJudgedUntil(day: string): Promise<void> {
    await table.put({ TableName, Item: { ...JUDGED, judgedUntil: day } });
  }

  /**
   * Notes that the reports and SQL tables of a day are to be written, in a row of its own for each revision. It is written before
   * the revision: a repeated step finds the day revised, and a later report finds the mark.
   */
  async function markRevised(day: string, at: Date): Promise<void> {
    await table.put({ TableName, Item: { scene: REVISED, model: placeOf({ day, at: at.toISOString() }) } });
  }

  function between(from: string, to: string) {
    const KeyConditionExpression = 'scene = :due AND model BETWEEN :from AND :to';
    return { TableName, ...expressed({ KeyConditionExpression }, { due: DUE, from, to }), ConsistentRead: true };
  }

  return { dueDays, marksSince, marksBefore, clearMarks, judgedUntil, setJudgedUntil, markRevised };
}

/** Reads the marks of days that the reports and SQL tables do not show yet; each begins with its day. */
export const makeRevisedDays = (table: TableWith<'query' | 'delete'>, TableName: string) => ({
  revised: (): Promise<string[]> =>
    Array.fromAsync(queryItems(table, wholePartition(TableName, REVISED)), ({ model }) => String(model)),
  async clearRevised(mark: string): Promise<void> {
    await table.delete({ TableName, Key: { scene: REVISED, model: mark } });
  },
});

/** Returns the mark that an attempt of a run leaves on its day when the run stops counting. */
export const leftMark = (run: string, attempt: number): string => `${run}-${attempt}${LEFT}`;

/** Returns whether a mark, or its sort key, says that a run has left the day. The day's numbers may then shrink. */
export const saysLeft = (mark: string): boolean => mark.endsWith(LEFT);

const placeOf = ({ day, at }: Pick<Mark, 'day' | 'at'>): string => `${day}#${at}`;

const SWEPT = { scene: 'sweep#inbox', model: '-' };
const watermarkSchema = z.object({ sweptUntil: z.iso.datetime() });

export type Watermark = ReturnType<typeof makeWatermark>;

/** The watermark: when the last completed sweep began. Everything before it has been swept. */
export function makeWatermark(table: TableWith<'get' | 'update' | 'delete'>, TableName: string) {
  /** A watermark later than `now` says nothing; it is removed at once, or a later sweep would believe it. */
  async function sweptUntil(now: Date): Promise<Date | null> {
    const { Item } = await table.get({ TableName, Key: SWEPT, ConsistentRead: true });
    if (Item === undefined) return null;
    const { sweptUntil: seen } = watermarkSchema.parse(Item);
    if (new Date(seen) <= now) return new Date(seen);
    await isWritten(table.delete({ TableName, Key: SWEPT, ...when('sweptUntil = :seen', { seen }) }));
    return null;
  }

  /** Raises the watermark. Of two concurrent sweeps, the one that began first may end last; it must not lower it. */
  const raiseWatermark = (time: Date) => set(time, 'attribute_not_exists(sweptUntil) OR sweptUntil < :time');

  const lowerWatermark = (time: Date) => set(time, 'sweptUntil > :time');

  async function set(time: Date, ConditionExpression: string): Promise<void> {
    const expressions = { UpdateExpression: 'SET sweptUntil = :time', ConditionExpression };
    await isWritten(table.update({ TableName, Key: SWEPT, ...expressed(expressions, { time: time.toISOString() }) }));
  }

  return { sweptUntil, raiseWatermark, lowerWatermark };
}

type Due = Omit<Mark, 'at'>;

/** A day is treated as closed this long before its end: a row written now may become visible after it. */
const NEARLY_MILLISECONDS = 60_000;

/**
 * Provides the end time of a run or of a file in a batch. The cut-offs of a day's numbers compare these times. If the
 * day has closed, or is about to, it is first marked as due, once. The time is taken after the mark is written: a
 * reader that missed the mark therefore counts no run that ends after it. It is also to be called before a batch closes:
 * the write of an end may have been slow, and its day counted meanwhile.
 */
export function makeEnding({ ledger, now }: { ledger: ReturnType<typeof makeMarkDue>; now: () => Date }, due: Due) {
  let marked: Promise<void> | undefined;

  return async (): Promise<Date> => {
    const at = now();
    if (due.day >= dayOf(at.getTime() + NEARLY_MILLISECONDS)) return at;
    marked ??= ledger.markDue({ ...due, at: at.toISOString() });
    await marked;
    return now();
  };
}

/** The row is `PREDICTED` already, so whoever judges the day sees that the run is about to end. */
export function dueByRun({ id, attempt, day, scene, model }: RunRef): Due {
  return { day, mark: `${id}-${attempt}`, landing: { scene, model } };
}

export function dueByBatch({ batch, attempt }: OpenBatch): Due {
  return { day: batch.day, mark: `${batch.id}-${attempt}`, batch };
}
