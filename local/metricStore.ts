import { createReadStream, createWriteStream } from 'node:fs';
import { appendFile, open, rename, stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import type { MetricId, MetricQuery, MetricsReader, Point, Statistic } from '../observability/readMetrics.ts';
import { needRoom, withRoom } from './folderBucket.ts';

/** A number of a metric at a time, as it was published. */
export type Sample = MetricId & { time: string; value: number };

export type MetricStore = MetricsReader & {
  put: (samples: Sample[]) => Promise<void>;
  /** A statistic over the minutes that begin from `from` on and before `to` (epoch milliseconds); undefined without data. */
  statisticOver: (metric: MetricId, statistic: Statistic, from: number, to: number) => number | undefined;
};

/** CloudWatch keeps periods of five minutes so long. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html */
const KEPT_DAYS = 63;
const DAY_MILLISECONDS = 86_400_000;
export const MINUTE_MILLISECONDS = 60_000;

const sampleSchema = z.object({
  time: z.iso.datetime(),
  namespace: z.string(),
  name: z.string(),
  dimensions: z.record(z.string(), z.string()),
  value: z.number(),
});

/** A metric's values, minute by minute: CloudWatch's finest grain for what is published with the time of now. */
type Minutes = Map<number, number[]>;

/**
 * CloudWatch's metrics on a laptop: in memory, and as a file of lines that survives a restart. What is older than
 * CloudWatch would keep goes when the file is opened.
 */
export async function openMetricStore(path: string, now: Date): Promise<MetricStore> {
  const metrics = new Map<string, { id: MetricId; minutes: Minutes }>();
  let writing: Promise<void> = Promise.resolve();

  function take({ time, value, ...id }: Sample): void {
    const key = keyOf(id);
    let metric = metrics.get(key);
    if (metric === undefined) {
      metric = { id, minutes: new Map() };
      metrics.set(key, metric);
    }
    const minute = Math.floor(Date.parse(time) / MINUTE_MILLISECONDS) * MINUTE_MILLISECONDS;
    const values = metric.minutes.get(minute);
    if (values !== undefined) values.push(value);
    else {
      metric.minutes.set(minute, [value]);
      forgetOldest(metric.minutes, minute);
    }
  }

  const oldest = new Date(now.getTime() - KEPT_DAYS * DAY_MILLISECONDS).toISOString();
  await readSamples(path, oldest, take);

  return {
    put: async (samples) => {
      const lines = samples.map((sample) => `${JSON.stringify(sample)}\n`).join('');
      for (const sample of samples) take(sample);
      const written = writing.then(() => withRoom(path, Buffer.byteLength(lines), () => appendFile(path, lines)));
      writing = written.catch(() => {}); // one after the other, whatever becomes of the one before
      await written.catch((error: Error) => {
        if (error.name !== 'DiskFull') throw error; // CloudWatch would not fail for want of room on a laptop
      });
    },
    statisticOver: (metric, statistic, from, to) => {
      const minutes = metrics.get(keyOf(metric))?.minutes;
      const values: number[] = [];
      for (let minute = from; minute < to; minute += MINUTE_MILLISECONDS) {
        for (const value of minutes?.get(minute) ?? []) values.push(value);
      }
      return values.length === 0 ? undefined : statisticOf(values, statistic);
    },
    read: async (query) => read(metrics.get(keyOf(query.metric))?.minutes, query),
    valuesOf: async (metric, dimension) => {
      const wanted = Object.entries(metric.dimensions);
      const values = new Set<string>();
      for (const { id } of metrics.values()) {
        const value = id.dimensions[dimension];
        const isIt =
          id.namespace === metric.namespace &&
          id.name === metric.name &&
          Object.keys(id.dimensions).length === wanted.length + 1 &&
          wanted.every(([name, text]) => id.dimensions[name] === text);
        if (isIt && value !== undefined) values.add(value);
      }
      return [...values].sort();
    },
  };
}

/** Minutes come in their order, but for a clock that is set back: the oldest are the first. */
function forgetOldest(minutes: Minutes, newest: number): void {
  for (const minute of minutes.keys()) {
    if (minute >= newest - KEPT_DAYS * DAY_MILLISECONDS) return;
    minutes.delete(minute);
  }
}

/** The periods with data, each made one number of. */
function read(minutes: Minutes | undefined, { statistic, periodSeconds, from, to }: MetricQuery): Point[] {
  const period = periodSeconds * 1000;
  const periods = new Map<number, number[]>();
  for (const [minute, values] of minutes ?? []) {
    const start = Math.floor(minute / period) * period;
    if (start + period <= from.getTime() || minute >= to.getTime()) continue;
    const all = periods.get(start);
    if (all === undefined) periods.set(start, [...values]);
    else for (const value of values) all.push(value);
  }
  return [...periods]
    .sort(([one], [other]) => one - other)
    .map(([start, values]) => ({ time: new Date(start).toISOString(), value: statisticOf(values, statistic) }));
}

/** One number of the values of a period (at least one); a percentile is the value at the nearest rank. */
export function statisticOf(values: number[], statistic: Statistic): number {
  if (statistic === 'Sum') return values.reduce((sum, value) => sum + value, 0);
  const sorted = Float64Array.from(values).sort();
  const share = { Maximum: 1, p50: 0.5, p95: 0.95 }[statistic];
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

function keyOf({ namespace, name, dimensions }: MetricId): string {
  return JSON.stringify([namespace, name, ...Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** Takes the samples of the file, line by line; those that are too old, or were cut off by a power failure, go from it. */
async function readSamples(path: string, oldest: string, take: (sample: Sample) => void): Promise<void> {
  let isWhole = await endsWithNewline(path);
  for await (const line of linesOf(path)) {
    const sample = parseLine(line);
    if (sample !== undefined && sample.time >= oldest) take(sample);
    else isWhole = false;
  }
  if (isWhole) return;
  const keep = async function* () {
    for await (const line of linesOf(path)) if ((parseLine(line)?.time ?? '') >= oldest) yield `${line}\n`;
  };
  await needRoom(path, (await stat(path)).size);
  await pipeline(keep, createWriteStream(`${path}.tmp`));
  await rename(`${path}.tmp`, path);
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const isThere = await stat(path).then(
    () => true,
    () => false, // a new folder
  );
  if (isThere) yield* createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
}

async function endsWithNewline(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return true;
  try {
    const { size } = await file.stat();
    if (size === 0) return true;
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer[0] === 0x0a;
  } finally {
    await file.close();
  }
}

function parseLine(line: string): Sample | undefined {
  try {
    return sampleSchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
