import { hash } from 'node:crypto';
import * as z from 'zod';
import { jobKey } from '../../../core/base/keys.ts';
import { batchInputSchema, type InferCall, runRefSchema, shadowCallSchema } from '../../../core/base/messages.ts';
import type { VersionedObjects } from '../../../core/base/objectStore.ts';

/** What a job in a container does: all parts of a run's attempt, or one call of infer. Its message is this, as JSON. */
export const jobSchema = z.union([batchInputSchema, shadowCallSchema, z.object({ run: runRefSchema })]);
export type Job = z.infer<typeof jobSchema>;

/** A job may wait and work for so long: the time-out of its state. */
export const JOB_SECONDS = 24 * 86_400;

/** A part's job is that of its run: a model is loaded once for all parts. */
export const jobOf = (call: InferCall): Job => ('run' in call ? { run: call.run } : call);

export function keyOfJob(job: Job): string {
  if ('run' in job) return jobKey(job.run.execution, job.run.id);
  return jobKey(job.execution, 'batch' in job ? job.batch.id : 'shadow');
}

/** Tells jobs apart that have the same key: an execution's name can be used again, and then it is another attempt. */
export const idOfJob = (message: Uint8Array): string => hash('sha256', message);

const error = z.object({ name: z.string(), message: z.string() });
const outcomeSchema = z.object({ job: z.string(), result: z.unknown().optional(), error: error.optional() });
export type Outcome = z.infer<typeof outcomeSchema>;

export const outcomeKey = (key: string): string => key.replace(/\.json$/, '.outcome.json');

/** Returns what a job has come to, and the version of whatever is in its place; never the outcome of another job. */
export async function readOutcome({ readVersion }: Pick<VersionedObjects, 'readVersion'>, key: string, id: string) {
  const found = await readVersion(outcomeKey(key));
  if (found === null) return { outcome: undefined, version: null };
  const outcome = outcomeSchema.parse(JSON.parse(new TextDecoder().decode(found.bytes)));
  return { outcome: outcome.job === id ? outcome : undefined, version: found.version };
}

export const encode = (value: object): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
