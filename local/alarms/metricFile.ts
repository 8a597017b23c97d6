import { createReadStream } from 'node:fs';
import { appendFile, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { jsonIn } from '../../core/base/errors.ts';
import type { MetricId } from '../../observability/readMetrics.ts';
import { withBuffer } from '../buckets/folderBucket.ts';

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
export async function openMetricFile(path: string, take: (of: MetricLine) => boolean, all: () => Iterable<MetricLine>) {
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
