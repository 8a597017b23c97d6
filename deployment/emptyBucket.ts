import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  NoSuchBucket,
  type ObjectIdentifier,
  type S3Client,
} from '@aws-sdk/client-s3';
import { listedKey } from '../aws/bucket.ts';

/** Deletes every version and every delete marker of a bucket, a thousand at a time; `tell` gets the number deleted. */
export async function emptyBucket(client: S3Client, Bucket: string, tell: (count: number) => void): Promise<void> {
  let count = 0;
  try {
    for (;;) {
      // Always the first page: what it listed before is gone.
      const page = await client.send(new ListObjectVersionsCommand({ Bucket, EncodingType: 'url' }));
      const all = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(({ Key = '', VersionId }) => ({
        Key: listedKey(page, Key),
        VersionId,
      }));
      if (all.length === 0) return;
      const { together = [], alone = [] } = Object.groupBy(all, ({ Key }) =>
        UNSAID_BY_XML.test(Key) ? 'alone' : 'together',
      );
      await deleteTogether(client, Bucket, together);
      for (const one of alone) await client.send(new DeleteObjectCommand({ Bucket, ...one }));
      count += all.length;
      tell(count);
    }
  } catch (error) {
    if (!(error instanceof NoSuchBucket)) throw error; // it was deleted before
  }
}

/** Characters that a key may have, but that XML cannot express: https://www.w3.org/TR/xml/#charsets */
const UNSAID_BY_XML = /(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/u;

async function deleteTogether(client: S3Client, Bucket: string, Objects: ObjectIdentifier[]): Promise<void> {
  if (Objects.length === 0) return;
  const { Errors: [first] = [] } = await client.send(
    new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
  );
  if (first !== undefined) throw new Error(`s3://${Bucket}/${first.Key} cannot be deleted: ${first.Message}`);
}
