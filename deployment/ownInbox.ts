import type { FilterRule, NotificationConfiguration, QueueConfiguration } from '@aws-sdk/client-s3';
import type { BucketEvents } from './bucketEvents.ts';

/**
 * Where the stage's own inbox sends its events: to EventBridge, which charges for each, or to the queue of arrivals, if there is
 * one. The template cannot name a queue that comes to exist later, and then names neither (resources/storage/inbox.yml).
 */

/** The queue of arrivals, and the keys whose events it gets. */
export type ArrivalsQueue = { stage: string; arn: string; inboxPrefix: string };

/** The name of our notification; all others belong to somebody else. */
const idOf = (stage: string) => `swath-${stage}-arrivals`;

/** Has a bucket tell the queue instead of EventBridge, unless others than `ourRule` listen; returns whether it does. */
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

/** Has a bucket tell EventBridge until the queue is there, also where that deployment fails. */
export async function sendMeanwhile(events: BucketEvents, bucket: string, stage: string): Promise<void> {
  const there = await events.read(bucket);
  if (there === undefined || there.EventBridgeConfiguration !== undefined) return;
  if (!there.QueueConfigurations?.some((one) => isOurs(one, stage)))
    await events.write(bucket, { ...there, EventBridgeConfiguration: {} });
}

/** Makes a bucket send its events to EventBridge again, if it sends them to our queue. */
export async function sendToEventBridge(events: BucketEvents, bucket: string, stage: string): Promise<void> {
  const there = await events.read(bucket);
  if (!there?.QueueConfigurations?.some((one) => isOurs(one, stage))) return;
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

const isOurs = ({ Id }: QueueConfiguration, stage: string): boolean => Id === idOf(stage);

function without(configuration: NotificationConfiguration, stage: string): NotificationConfiguration {
  const { EventBridgeConfiguration, QueueConfigurations = [], ...others } = configuration;
  const theirs = QueueConfigurations.filter((one) => !isOurs(one, stage));
  return { ...others, ...(theirs.length > 0 && { QueueConfigurations: theirs }) };
}
