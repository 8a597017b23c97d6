import type { FilterRule, NotificationConfiguration, QueueConfiguration } from '@aws-sdk/client-s3';
import type { BucketEvents } from './bucketEvents.ts';

/**
 * Where the stage's own inbox sends its events: to EventBridge, as in its template, or directly to the queue of arrivals, if there
 * is one. EventBridge charges for every event from S3, whether or not a rule matches it, so only one of them is used. The template
 * cannot name the queue, as S3 requires that it exists, which it does only later; it then names neither (./storageTemplate.ts).
 */

/** The queue of arrivals, and the keys whose events it gets. */
export type ArrivalsQueue = { stage: string; arn: string; inboxPrefix: string };

/** The name of our notification; all others belong to somebody else. */
const idOf = (stage: string) => `swath-${stage}-arrivals`;

/**
 * Has a bucket send its events into the queue, and EventBridge none any more; not where somebody else listens to them as
 * well, by a rule or by another notification, as S3 takes no two for one event. Says whether it does.
 *
 * @param ourRule the rule that may listen
 */
export async function sendToQueue(events: BucketEvents, bucket: string, queue: ArrivalsQueue, ourRule: string) {
  const there = await events.read(bucket);
  if (there === undefined) return false;
  const others = without(there, queue.stage);
  const isTold = Object.values(others).some((some) => Array.isArray(some) && some.length > 0);
  if (isTold || (await events.listenersOf(bucket)).some((rule) => rule !== ourRule)) {
    await events.write(bucket, { ...others, EventBridgeConfiguration: {} });
    return false;
  }
  await events.write(bucket, { QueueConfigurations: [configurationFor(queue)] });
  return true;
}

/**
 * Has a bucket send its events to EventBridge as long as it has not been told of the queue: from when the template no longer says so
 * until the queue is there, and for longer where that deployment fails.
 */
export async function sendMeanwhile(events: BucketEvents, bucket: string, stage: string): Promise<void> {
  const there = await events.read(bucket);
  if (there === undefined || there.EventBridgeConfiguration !== undefined) return;
  if (!(there.QueueConfigurations ?? []).some(isOurs(stage)))
    await events.write(bucket, { ...there, EventBridgeConfiguration: {} });
}

/** Makes a bucket send its events to EventBridge again, if it sends them to our queue. */
export async function sendToEventBridge(events: BucketEvents, bucket: string, stage: string): Promise<void> {
  const there = await events.read(bucket);
  if (there === undefined || !(there.QueueConfigurations ?? []).some(isOurs(stage))) return;
  await events.write(bucket, { ...without(there, stage), EventBridgeConfiguration: {} });
}

/** All keys of the inbox; S3 knows no "but". Bulk files are among them, for half of what EventBridge took for them. */
function configurationFor({ stage, arn, inboxPrefix }: ArrivalsQueue): QueueConfiguration {
  const FilterRules: FilterRule[] = [{ Name: 'prefix', Value: inboxPrefix }];
  return {
    Id: idOf(stage),
    QueueArn: arn,
    Events: ['s3:ObjectCreated:*'],
    ...(inboxPrefix !== '' && { Filter: { Key: { FilterRules } } }),
  };
}

const isOurs =
  (stage: string) =>
  ({ Id }: QueueConfiguration): boolean =>
    Id === idOf(stage);

/** Other people's notifications of the bucket. */
function without(configuration: NotificationConfiguration, stage: string): NotificationConfiguration {
  const { EventBridgeConfiguration, QueueConfigurations = [], ...others } = configuration;
  const theirs = QueueConfigurations.filter((one) => !isOurs(stage)(one));
  return { ...others, ...(theirs.length > 0 && { QueueConfigurations: theirs }) };
}
