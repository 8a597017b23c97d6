import { createReadStream } from 'node:fs';
import { appendFile, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { jsonIn, onError } from '../../core/base/errors.ts';
import { isAhead } from '../../core/base/time/clocks.ts';
import { DAY_MILLISECONDS } from '../../core/base/time/days.ts';
import type { MetricId, MetricQuery, Point, Statistic } from '../../observability/readMetrics.ts';
import { withBuffer } from '../buckets/folderBucket.ts';

export type Sample = MetricId & { time: string; value: number };

export type MetricStore = Awaited<ReturnType<typeof openMetricStore>>;

/** CloudWatch keeps periods of five minutes so long. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html */
const KEPT_DAYS = 63;
export const MINUTE_MILLISECONDS = 60_000;

/** A metric's values by minutes: CloudWatch's finest grain for what is published with the time of now. */
type Minutes = Map<number, number[]>;

/** CloudWatch's metrics on a laptop. What is later than now stays in the file alone: no alarm may go off for it. */
export async function openMetricStore(path: string, now: Date) {
  const metrics = new Map<string, { id: MetricId; minutes: Minutes }>();
  const ahead: MetricLine[] = [];

  function take({ time, values, ...id }: MetricLine): void {
    const key = keyOf(id);
    const { minutes } = metrics.get(key) ?? { minutes: new Map<number, number[]>() };
    metrics.set(key, { id, minutes });
    const start = Math.floor(Date.parse(time) / MINUTE_MILLISECONDS) * MINUTE_MILLISECONDS;
    const minute = minutes.get(start);
    if (minute !== undefined) return void minute.push(...values);
    minutes.set(start, [...values]);
    // Minutes come in their order, but for a clock that is set back: the oldest are the first.
    for (const minute of minutes.keys()) {
      if (minute >= start - KEPT_DAYS * DAY_MILLISECONDS) return;
      minutes.delete(minute);
    }
  }

  function* all(): Generator<MetricLine> {
    for (const { id, minutes } of metrics.values())
      for (const [start, values] of minutes) yield { time: new Date(start).toISOString(), ...id, values };
    yield* ahead;
  }

  const oldest = new Date(now.getTime() - KEPT_DAYS * DAY_MILLISECONDS).toISOString();
  const takeIfKept = (line: MetricLine): boolean => {
    if (line.time < oldest) return false;
    if (isAhead(line.time, now)) ahead.push(line);
    else take(line);
    return true;
  };
  const file = await openMetricFile(path, takeIfKept, all);

  return {
    put: async (samples: Sample[]): Promise<void> => {
      const lines = samples.map(({ value, ...sample }) => ({ ...sample, values: [value] }));
      for (const line of lines) take(line);
      await file.append(lines).catch(onError('DiskFull', () => {})); // CloudWatch would not fail for want of room
    },
    /** A statistic over the minutes that begin from `from` on and before `to` (epoch milliseconds); undefined without data. */
    statisticOver: (metric: MetricId, statistic: Statistic, from: number, to: number) => {
      const minutes = metrics.get(keyOf(metric))?.minutes;
      const values: number[] = [];
      for (let start = from; start < to; start += MINUTE_MILLISECONDS) values.push(...(minutes?.get(start) ?? []));
      return values.length === 0 ? undefined : statisticOf(values, statistic);
    },
    read: async (query: MetricQuery) => read(metrics.get(keyOf(query.metric))?.minutes, query),
    valuesOf: async (metric: MetricId, dimension: string) => {
      const key = keyOf(metric);
      const values = new Set<string>();
      for (const { id } of metrics.values()) {
        const { [dimension]: value, ...others } = id.dimensions;
        if (value !== undefined && keyOf({ ...id, dimensions: others }) === key) values.add(value);
      }
      return [...values].sort();
    },
  };
}

function read(minutes: Minutes | undefined, { statistic, periodSeconds, from, to }: MetricQuery): Point[] {
  const period = periodSeconds * 1000;
  const startOf = (minute: number) => Math.floor(minute / period) * period;
  const found = [...(minutes ?? [])]
    .filter(([minute]) => startOf(minute) + period > from.getTime() && minute < to.getTime())
    .sort(([one], [other]) => one - other);
  const periods = Map.groupBy(found, ([minute]) => startOf(minute));
  return Array.from(periods, ([start, some]) => {
    const values = some.flatMap(([, own]) => own);
    return { time: new Date(start).toISOString(), value: statisticOf(values, statistic) };
  });
}

/** One number of a period's values (at least one), in their order; a percentile is the value at the nearest rank. */
function statisticOf(values: number[], statistic: MetricQuery['statistic']): number {
  if (statistic === 'Last') return values.at(-1)!;
  if (statistic === 'Maximum') return values.reduce((most, value) => Math.max(most, value));
  const sum = values.reduce((before, value) => before + value, 0);
  if (statistic === 'Sum') return sum;
  if (statistic === 'Average') return sum / values.length;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil({ p50: 0.5, p95: 0.95 }[statistic] * sorted.length) - 1)]!;
}

const keyOf = ({ namespace, name, dimensions }: MetricId): string =>
  JSON.stringify([namespace, name, ...Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);

export type MetricLine = MetricId & { time: string; values: number[] };

/** So much may be appended, or twice what the file had before, until it is written anew. */
const APPENDED_BYTES = 1 << 22;

const lineSchema = z.object({
  time: z.iso.datetime(),
  namespace: z.string(),
  name: z.string(),
  dimensions: z.record(z.string(), z.string()),
  values: z.array(z.number()),
});

/** The published metrics, a line each. `take` gets each line, and says whether it is wanted; `all` is what to keep. */
async function openMetricFile(path: string, take: (of: MetricLine) => boolean, all: () => Iterable<MetricLine>) {
  let { size } = await stat(path).catch(() => ({ size: 0 })); // in a new folder
  let appended = 0;
  let waiting = ''; // lines that nobody has begun to write
  let turn: Promise<void> | undefined; // in which they will be
  let last: Promise<void> = Promise.resolve();

  if (size > 0) {
    let isWhole = await endsWithNewline(path, size); // else a power failure cut the last one off
    for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
      const line = lineSchema.safeParse(jsonIn(text)).data;
      if (line === undefined || !take(line)) isWhole = false;
    }
    if (!isWhole) await writeAnew();
    else if (size > APPENDED_BYTES) await writeAnew().catch(() => {}); // it is only longer than it has to be
  }

  /** Whole, or not at all. */
  async function writeAnew(): Promise<void> {
    const included = waiting.length;
    const text = Array.from(all(), textOf).join('');
    const bytes = Buffer.byteLength(text);
    try {
      await withBuffer(path, bytes, () => writeFile(`${path}.tmp`, text));
      await rename(`${path}.tmp`, path);
    } finally {
      await rm(`${path}.tmp`, { force: true }); // it is there only where it has failed
    }
    waiting = waiting.slice(included);
    size = bytes;
    appended = 0;
  }

  async function writeWaiting(): Promise<void> {
    const text = waiting;
    waiting = '';
    turn = undefined;
    if (text === '') return; // the file was written anew with it
    const bytes = Buffer.byteLength(text);
    await withBuffer(path, bytes, () => appendFile(path, text));
    appended += bytes;
    if (appended <= Math.max(APPENDED_BYTES, 2 * size)) return;
    await writeAnew().catch(() => {
      size += appended; // where there is no room, it is tried again much later
      appended = 0;
    });
  }

  return {
    append: (lines: MetricLine[]): Promise<void> => {
      waiting += lines.map(textOf).join('');
      turn ??= last.then(writeWaiting);
      last = turn.catch(() => {}); // one after the other, whatever becomes of the one before
      return turn;
    },
  };
}

const textOf = (line: MetricLine): string => `${JSON.stringify(line)}\n`;

async function endsWithNewline(path: string, size: number): Promise<boolean> {
  await using file = await open(path);
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] === 0x0a;
}
