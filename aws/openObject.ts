import type { Readable } from 'node:stream';
import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { OpenObject } from '../core/base/objectStore.ts';
import { client, found, readPieceFrom } from './bucket.ts';

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
