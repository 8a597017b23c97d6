import { trialKey } from '../keys.ts';
import type { ModelRef } from '../messages.ts';
import type { Bucket } from '../objectStore.ts';

/** A version that someone tries on their files without promoting it is marked as a trial until it is promoted. */

const says = (isTrial: boolean) => new TextEncoder().encode(`${JSON.stringify({ isTrial })}\n`);

export async function beginTrial(bucket: Pick<Bucket, 'write'>, model: ModelRef): Promise<void> {
  await bucket.write(trialKey(model), says(true));
}

/** Writes nothing if no trial has begun. */
export async function endTrial(bucket: Pick<Bucket, 'list' | 'write'>, model: ModelRef): Promise<void> {
  const key = trialKey(model);
  if ((await bucket.list(key)).includes(key)) await bucket.write(key, says(false));
}

export function saysTrial(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes, says(true)) === 0;
}
