import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import { fifteenDays } from './plan.ts';

const recordSchema = z.object({
  seed: z.int(),
  /** The UTC day on which the first of the fifteen falls. */
  firstDay: z.iso.date(),
  daysDone: z.int().min(0).max(fifteenDays.length),
});

export type ReplayRecord = z.infer<typeof recordSchema>;

/** Undefined where there was no replay. */
export function readRecord(path: string): ReplayRecord | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return recordSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    const next = 'Remove that file: the folder then goes on without them.';
    throw new Error(`${path} does not say how far the fifteen days have come. ${next}`, { cause });
  }
}

/** Visible whole or not at all. */
export function writeRecord(path: string, record: ReplayRecord): void {
  writeFileSync(`${path}.tmp`, JSON.stringify(record));
  renameSync(`${path}.tmp`, path);
}
