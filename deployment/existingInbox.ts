import * as z from 'zod';
import type { BucketEvents } from './bucketEvents.ts';

/** Somebody else's bucket as the inbox: the deployment only adds EventBridge to whom it tells; a removal undoes that. */

/** What the storage stack's outputs remember of such a bucket. */
export type ExistingInbox = {
  bucket: string;
  /** Since when it is the inbox, in ISO 8601; older files wait for `swath backfill`. */
  since: string;
  wasSilent: boolean;
};

const outputsSchema = z
  .object({ InboxBucket: z.string(), InboxSince: z.string(), InboxWasSilent: z.literal(['true', 'false']) })
  .transform((of) => ({ bucket: of.InboxBucket, since: of.InboxSince, wasSilent: of.InboxWasSilent === 'true' }));

export function toOutputs({ bucket, since, wasSilent }: ExistingInbox): Record<string, { Value: string }> {
  return { InboxBucket: { Value: bucket }, InboxSince: { Value: since }, InboxWasSilent: { Value: String(wasSilent) } };
}

/** Undefined if the stage had no such inbox. */
export const fromOutputs = (outputs: Record<string, string>): ExistingInbox | undefined =>
  outputsSchema.safeParse(outputs).data;

/** What to remember of a bucket before it is changed; what was remembered earlier stays. */
export async function meetInbox(events: BucketEvents, bucket: string, former: ExistingInbox | undefined, now: Date) {
  if (former?.bucket === bucket) return former;
  const { EventBridgeConfiguration } = (await events.read(bucket)) ?? {};
  const since = new Date(now).setMilliseconds(0); // S3 knows of a file's time no more than the second
  return { bucket, since: new Date(since).toISOString(), wasSilent: EventBridgeConfiguration === undefined };
}

/** Makes a bucket send its events to EventBridge, if it does not already. */
export async function attachInbox(events: BucketEvents, bucket: string): Promise<void> {
  const configuration = (await events.read(bucket)) ?? {};
  if (configuration.EventBridgeConfiguration === undefined)
    await events.write(bucket, { ...configuration, EventBridgeConfiguration: {} });
}

/** Undoes that, unless it was so before, a rule other than ours listens by now, or the bucket is gone. */
export async function detachInbox(events: BucketEvents, { bucket, wasSilent }: ExistingInbox, ourRule: string) {
  if (!wasSilent || (await events.listenersOf(bucket)).some((rule) => rule !== ourRule)) return;
  const { EventBridgeConfiguration, ...configuration } = (await events.read(bucket)) ?? {};
  if (EventBridgeConfiguration !== undefined) await events.write(bucket, configuration);
}
