import { makeParquetFeatures } from '../../core/features/parquetFeatures.ts';
import { client, objectsUnder, readPiece } from '../bucket.ts';

/** Features in a bucket's files as these are listed: a read of one that was written over since fails, as its footer is another. */
export const featuresIn = (Bucket: string, prefix: string, s3 = client) =>
  makeParquetFeatures(
    {
      list: async (Prefix) => {
        const found = await objectsUnder(Bucket, Prefix, s3);
        return found.map(({ Key, Size, ETag }) => ({ key: Key!, size: Size!, etag: ETag! }));
      },
      readRange: ({ key: Key, etag: IfMatch }, offset, length) =>
        readPiece(s3, { Bucket, Key, IfMatch }, offset, length),
    },
    prefix,
  );
