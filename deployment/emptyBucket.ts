import { DeleteObjectsCommand, ListObjectVersionsCommand, NoSuchBucket, type S3Client } from '@aws-sdk/client-s3';

/** Deletes every version and every delete marker of a bucket, a thousand at a time; `tell` hears how many are gone. */
export async function emptyBucket(client: S3Client, Bucket: string, tell: (count: number) => void): Promise<void> {
  let count = 0;
  try {
    for (;;) {
      // Always the first page: what it listed before is gone.
      const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }));
      const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
      if (Objects.length === 0) return;
      const { Errors: [first] = [] } = await client.send(
        new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
      );
      if (first !== undefined) throw new Error(`s3://${Bucket}/${first.Key} cannot be deleted: ${first.Message}`);
      count += Objects.length;
      tell(count);
    }
  } catch (error) {
    if (!(error instanceof NoSuchBucket)) throw error; // somebody deleted it before
  }
}
