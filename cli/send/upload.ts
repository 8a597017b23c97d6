import { createHash } from 'node:crypto';
import { addAbortListener } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { AbortMultipartUploadCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { onStatus } from '../../aws/bucket.ts';
import { partBytesOf } from '../../aws/writeStream.ts';
import type { SendOptions, Sent } from '../../console/service.ts';
import { SceneFileChanged } from '../../core/base/errors.ts';
import { sentKey } from '../../core/scenes/sentKey.ts';
import { companionsBeside } from '../../local/buckets/assetsBeside.ts';
import { digest, sentDigest } from '../../local/buckets/sceneFolder.ts';

/** Uploads files into an inbox bucket: small ones in one request, others in up to 10,000 parts, enough for any object. */

const DIGEST = 'sha256';

export function makeSend(s3: S3Client, bucket: string, inboxPrefix: string) {
  /** Uploads a file under a key of its digest and name, unless it is there: another version could only be a duplicate. */
  async function send(file: string, { keyPrefix = '', onProgress, signal }: SendOptions = {}): Promise<Sent> {
    const sha256 = await digest(file, Infinity, signal);
    const key = inboxPrefix + sentKey(await sentDigest(file, sha256), file, keyPrefix);
    const head = new HeadObjectCommand({ Bucket: bucket, Key: key });
    const there = await s3.send(head).catch(onStatus([404], () => undefined));
    if (there?.Metadata?.[DIGEST] === sha256)
      return { scene: { bucket, key, versionId: there.VersionId ?? 'null' }, eventFollows: false };
    for (const [from, to] of await companionsBeside(file, key)) await upload(from, to, createReadStream(from));
    // If the file changes during the upload, nothing must be stored under the old digest.
    const body = Readable.from(asTold(file, sha256), { objectMode: false });
    return { scene: await upload(file, key, body, { sha256, onProgress, signal }), eventFollows: true };
  }

  type How = { sha256?: string; onProgress?: SendOptions['onProgress']; signal?: AbortSignal | undefined };
  async function upload(file: string, Key: string, Body: Readable, { sha256, onProgress, signal }: How = {}) {
    const { size } = await stat(file);
    const uploading = new Upload({
      client: s3,
      params: { Bucket: bucket, Key, Body, ...(sha256 !== undefined && { Metadata: { [DIGEST]: sha256 } }) },
      partSize: partBytesOf(size), // four are uploaded at once, so this memory is used four times
    });
    uploading.on('httpUploadProgress', ({ loaded = 0 }) => onProgress?.(loaded));
    using _abort = signal && addAbortListener(signal, () => void uploading.abort());
    try {
      signal?.throwIfAborted();
      const { VersionId = 'null' } = await uploading.done();
      return { bucket, key: Key, versionId: VersionId };
    } catch (error) {
      // The library does this by itself, but only after the parts in progress, which is too long to wait for.
      const { uploadId: UploadId } = uploading;
      if (signal?.aborted === true && UploadId !== undefined)
        await s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
      throw error;
    }
  }

  return send;
}

/** Streams a file's bytes; fails at the end if they do not have the digest. */
async function* asTold(file: string, sha256: string): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest('hex') !== sha256)
    throw new SceneFileChanged(`${file} changed while it was sent, so nothing has arrived. Send it again.`);
}
