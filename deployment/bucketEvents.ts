import { type EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import * as sdk from '@aws-sdk/client-s3';
import { onError } from '../core/base/errors.ts';

export type BucketEvents = ReturnType<typeof bucketEventsOf>;

export const bucketEventsOf = (s3: sdk.S3Client, eventBridge: EventBridgeClient) => ({
  /** Returns undefined if the bucket no longer exists. */
  read: async (Bucket: string): Promise<sdk.NotificationConfiguration | undefined> => {
    const request = new sdk.GetBucketNotificationConfigurationCommand({ Bucket });
    const answer = await s3.send(request).catch(onError(sdk.NoSuchBucket, () => undefined));
    if (answer === undefined) return undefined;
    const { $metadata, ...configuration } = answer;
    return configuration;
  },
  write: async (Bucket: string, NotificationConfiguration: sdk.NotificationConfiguration) => {
    const SkipDestinationValidation = true; // somebody else's queue that is gone by now is not ours to mend
    const given = { Bucket, NotificationConfiguration, SkipDestinationValidation };
    await s3.send(new sdk.PutBucketNotificationConfigurationCommand(given));
  },
  /** The names of the rules on EventBridge's default bus that a bucket's events may match. */
  listenersOf: async (bucket: string) => {
    const listeners: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await eventBridge.send(new ListRulesCommand({ NextToken }));
      for (const { Name = '', EventPattern } of page.Rules ?? [])
        if (EventPattern !== undefined && mayMatch(JSON.parse(EventPattern), bucket)) listeners.push(Name);
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return listeners;
  },
});

type Pattern = { source?: unknown; detail?: { bucket?: { name?: unknown } } };

/** Whether a rule's pattern may match a bucket's events, by its sources and buckets; if that is unclear, it may. */
export const mayMatch = ({ source, detail }: Pattern, bucket: string): boolean =>
  allows(source, 'aws.s3') && allows(detail?.bucket?.name, bucket);

const allows = (values: unknown, wanted: string): boolean =>
  !Array.isArray(values) || values.some((value) => typeof value !== 'string' || value === wanted);
