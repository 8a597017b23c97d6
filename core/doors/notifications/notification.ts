import * as z from 'zod';
import { errorNamed } from '../../base/errors.ts';
import type { SceneRef } from '../../base/messages.ts';
import { urlDecoded } from '../../base/text/urlDecoded.ts';

/**
 * S3's own notifications, as sent to a queue without EventBridge:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */

const CREATED = 'ObjectCreated:';

const recordSchema = z.object({
  eventSource: z.literal('aws:s3'),
  eventName: z.string().startsWith(CREATED),
  s3: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({ key: z.string(), size: z.int().min(0).optional(), versionId: z.string().optional() }),
  }),
});
const notificationSchema = z.object({ Records: z.array(recordSchema).min(1) });

const testSchema = z.object({ Service: z.literal('Amazon S3'), Event: z.literal('s3:TestEvent') });

/** A message's events, as EventBridge has them. Throws `InvalidNotification` for one of anything but created objects. */
export function eventsIn(message: unknown): unknown[] {
  if (testSchema.safeParse(message).success) return [];
  if (!('Records' in Object(message))) return [message];
  const read = notificationSchema.safeParse(message);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new InvalidNotification(`It is not an S3 notification (${issue?.path.join('.')}: ${issue?.message}).`);
  }
  return read.data.Records.map(({ s3: { bucket, object } }) => ({
    source: 'aws.s3',
    detail: {
      bucket: { name: bucket.name },
      object: {
        key: decoded(object.key),
        ...(object.size !== undefined && { size: object.size }),
        ...(object.versionId !== undefined && { 'version-id': object.versionId }),
      },
    },
  }));
}

/** A message that looks like an S3 notification but is malformed; the sentence says where. */
export class InvalidNotification extends errorNamed('InvalidNotification') {}

export function notificationOf({ bucket, key, versionId }: SceneRef, size?: number): { Records: object[] } {
  const object = { key: encoded(key), versionId, ...(size !== undefined && { size }) };
  return { Records: [{ eventSource: 'aws:s3', eventName: `${CREATED}Put`, s3: { bucket: { name: bucket }, object } }] };
}

/** Keys are encoded as in a URL's query, with plus for a space. */
function decoded(key: string): string {
  const found = urlDecoded(key.replaceAll('+', ' '));
  if (found !== undefined) return found;
  throw new InvalidNotification(`It is not an S3 notification (the key ${JSON.stringify(key)} is not URL-encoded).`);
}

const encoded = (key: string): string => encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');
