import { HeadObjectCommand } from '@aws-sdk/client-s3';
import type { FindObject } from '../core/base/objectStore.ts';
import { client, listedOf, onStatus } from './bucket.ts';

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
