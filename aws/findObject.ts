import { HeadObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { FindObject } from '../core/base/objectStore.ts';
import { listedOf } from './bucket.ts';
import { patience } from './patience.ts';

/** Asks S3 about an object without reading it. Where the bucket keeps no versions, its version is "null". */
export function findObjectBy(s3 = new S3Client(patience)): FindObject {
  return async ({ bucket, key, versionId }) => {
    const request = { Bucket: bucket, Key: key, ...(versionId !== null && { VersionId: versionId }) };
    try {
      const { VersionId = 'null', ContentLength, ...head } = await s3.send(new HeadObjectCommand(request));
      return { bucket, key, versionId: VersionId, ...listedOf({ ...head, Size: ContentLength }) };
    } catch (error) {
      const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
      // 400: no version can have that name; 405: it is a delete marker.
      if (status === 400 || status === 404 || status === 405) return 'missing';
      if (status === 403) return 'forbidden';
      throw error;
    }
  };
}
