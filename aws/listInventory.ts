import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { FeedFailed } from '../core/feeds/feed.ts';
import type { ListInventory } from '../core/feeds/inventory.ts';
import { listedKey, listedOf, onStatus } from './bucket.ts';
import { patience } from './patience.ts';

/** Lists archives' buckets, of any region, a thousand objects a page; who lists them may have to pay for it. */
export function listInventoryOf(
  isAllowed: (bucket: string) => boolean,
  s3 = new S3Client({ ...patience, followRegionRedirects: true }),
): ListInventory {
  return async ({ bucket, prefix }, cursor) => {
    if (!isAllowed(bucket))
      throw new FeedFailed(
        `found the bucket ${bucket}, allowed are those of assetBuckets. Add it to them, and deploy again.`,
      );
    const request = { Bucket: bucket, Prefix: prefix, EncodingType: 'url', RequestPayer: 'requester' } as const;
    const next = cursor === null ? {} : { ContinuationToken: cursor };
    const no = onStatus([403, 404], ({ name }): never => {
      throw new FeedFailed(`s3://${bucket} cannot be listed (${name}): it must be there, and allow s3:ListBucket.`);
    });
    const page = await s3.send(new ListObjectsV2Command({ ...request, ...next })).catch(no);
    const objects = (page.Contents ?? []).map(({ Key, ...of }) => ({ key: listedKey(page, Key), ...listedOf(of) }));
    return { objects, cursor: page.NextContinuationToken ?? null };
  };
}
