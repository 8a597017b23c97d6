import { Readable } from 'node:stream';
import { Upload } from '@aws-sdk/lib-storage';
import type { WriteStream } from '../core/base/objectStore.ts';
import { client, versionName } from './bucket.ts';

/** S3's limits: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const [LEAST_PART_BYTES, MOST_PARTS] = [8 * 1024 ** 2, 10_000];

/** How large the parts of an upload are, so that an object of any size has no more of them than allowed. */
export const partBytesOf = (size: number): number => Math.max(LEAST_PART_BYTES, Math.ceil(size / MOST_PARTS));

/** Writes an object piece by piece: in several parts where it is large, of which two are in memory. It is visible when it is whole. */
export function writeStreamTo(Bucket: string, s3 = client): WriteStream {
  return async (key, { size, chunks }) => {
    const { VersionId, ETag } = await new Upload({
      client: s3,
      params: { Bucket, Key: key, Body: Readable.from(chunks) },
      partSize: partBytesOf(size),
      queueSize: 2,
    }).done();
    return { key, version: versionName(VersionId, ETag) };
  };
}
