import type { Readable } from 'node:stream';
import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { FindObject, OpenObject } from '../core/base/objectStore.ts';
import { client, found, listedOf, onStatus, readPieceFrom } from './bucket.ts';

/** Objects of any size of a bucket. It takes the right to get objects, as reading one whole does. */
export function openObjectIn(bucket: string, s3: S3Client = client): OpenObject {
  const readPiece = readPieceFrom(bucket, s3);
  return async (Key) => {
    const what = `s3://${bucket}/${Key}`;
    const { ContentLength: size = 0 } = await found(what, s3.send(new HeadObjectCommand({ Bucket: bucket, Key })));
    return {
      size,
      range: (offset, length) => readPiece(Key, offset, Math.min(length, size - offset)),
      async *chunks() {
        const { Body } = await found(what, s3.send(new GetObjectCommand({ Bucket: bucket, Key })));
        yield* Body as Readable;
      },
    };
  };
}

/** Asks S3 about an object without reading it. Where the bucket keeps no versions, its version is "null". */
export function findObjectBy(s3 = client): FindObject {
  return async ({ bucket, key, versionId }) => {
    const found = await s3
      .send(new HeadObjectCommand({ Bucket: bucket, Key: key, ...(versionId !== null && { VersionId: versionId }) }))
      .catch(onStatus([400, 404, 405], () => 'missing' as const)) // 400: no version can have that name; 405: it is a delete marker
      .catch(onStatus([403], () => 'forbidden' as const));
    if (typeof found === 'string') return found;
    const { VersionId = 'null', ContentLength, ...head } = found;
    return { bucket, key, versionId: VersionId, ...listedOf({ ...head, Size: ContentLength }) };
  };
}
