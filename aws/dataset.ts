import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import type { Dataset } from '../core/features/parquetFeatures.ts';
import { client, readPiece } from './bucket.ts';

/** The files of a bucket as they were listed: a read of one that was written over since fails, as its footer is another. */
export const datasetIn = (Bucket: string, s3 = client): Dataset => ({
  list: async (Prefix) => {
    const pages = await Array.fromAsync(paginateListObjectsV2({ client: s3 }, { Bucket, Prefix }));
    const objects = pages.flatMap(({ Contents = [] }) => Contents);
    return objects.map(({ Key, Size, ETag }) => ({ key: Key!, size: Size!, etag: ETag! }));
  },
  readRange: ({ key: Key, etag: IfMatch }, offset, length) =>
    readPiece(`s3://${Bucket}/${Key}`, s3, { Bucket, Key, IfMatch }, offset, length),
});
