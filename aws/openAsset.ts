import { hash } from 'node:crypto';
import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { TransientTrouble } from '../core/base/errors.ts';
import type { OpenAsset, OpenScene, ReadObject } from '../core/base/objectStore.ts';
import { hostsOfFeed } from '../core/feeds/feedKeys.ts';
import { listIn } from '../core/parameters/listIn.ts';
import { makeOpenAsset, type OpenAt, type PlacesOf } from '../core/scenes/formats/stacItem/assetAt.ts';
import { bytesOf, found, onStatus } from './bucket.ts';
import { patience } from './patience.ts';

/**
 * Opens scene files with which the files can be read that they name. Each is held fast by its entity tag, which takes no right but
 * to get objects, and works where a bucket keeps no versions. A tag depends on the parts of an upload, so the content is known
 * by its CRC-64/NVME: S3 has stored it with new objects since December 2024, whatever their parts, unless their sender
 * chose another checksum (https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html). Other
 * objects are read for it once more.
 */
export function withAssets(
  openScene: OpenScene,
  placesOf: PlacesOf,
  s3 = new S3Client({ ...patience, responseChecksumValidation: 'WHEN_REQUIRED', followRegionRedirects: true }),
  web: OpenAt<URL> = async (...file) => (await import('./openWebAsset.ts')).openWebAsset(...file),
  clientOf: (bucket: string) => Promise<S3Client | undefined> = async () => undefined,
): OpenScene {
  return async (scene) => ({
    ...(await openScene(scene)),
    asset: makeOpenAsset(scene, placesOf, async (at, hosts) => {
      if (at instanceof URL) return web(at, hosts);
      const elsewhere = await clientOf(at.bucket);
      return elsewhere ? openAsset(elsewhere, at, null) : openAsset(s3, at, scene.bucket);
    }),
    async contentDigest(between) {
      const { size, digest, range } = await openAsset(s3, scene, scene.bucket);
      if (size <= SMALL_BYTES) return hash('sha256', await range(0, size));
      return hash('sha256', JSON.stringify([size, await digest(between)]));
    },
  });
}

/** Where the assets of scenes may be: in the inbox, and in the buckets and at the hosts of the parameters and of the scene's feed. */
export const placesOf =
  (inboxPrefix: string, allowed: { assetBuckets: string; assetHosts: string }, read: ReadObject): PlacesOf =>
  async ({ key }) => {
    const [buckets, hosts] = [listIn(allowed.assetBuckets), listIn(allowed.assetHosts)];
    return { prefixes: [inboxPrefix], buckets, hosts: [...hosts, ...(await hostsOfFeed(key, inboxPrefix, read))] };
  };

/** A file that is no larger may come again among bulk files, which are known by their SHA-256, and is to be the same one. */
const SMALL_BYTES = 64 * 1024 ** 2;

type At = { bucket: string; key: string; versionId?: string };

/**
 * Opens an object in its current version, unless one is named. Outside of our `own` bucket, the requester pays where asked to. Where we have
 * none, as in another store than AWS's, it is known by its entity tag, as those at web addresses are.
 */
async function openAsset(s3: S3Client, at: At, own: string | null): ReturnType<OpenAsset> {
  const { bucket, key, versionId: VersionId } = at;
  const payer = own !== null && bucket !== own && { RequestPayer: 'requester' as const };
  const object = { Bucket: bucket, Key: key, ...(VersionId !== undefined && { VersionId }), ...payer };
  const what = `s3://${bucket}/${key}`;
  const refused = onStatus([401, 403], (cause): never => {
    if (own !== null) throw cause;
    throw new TransientTrouble(
      `${what} is refused by its store: the keys in the parameter of assetSecret are wrong, or allow no reading.`,
      { cause },
    );
  });
  const asked = new HeadObjectCommand({ ...object, ChecksumMode: 'ENABLED' });
  const { ContentLength: size = 0, ETag = '', ChecksumCRC64NVME } = await found(what, s3.send(asked)).catch(refused);
  const known = own === null ? ETag : ChecksumCRC64NVME;

  async function get(Range?: string) {
    const request = new GetObjectCommand({ ...object, ...(Range !== undefined && { Range }), IfMatch: ETag });
    const changed = onStatus([412], (cause): never => {
      throw new TransientTrouble(`${what} became another file while it was read.`, { cause });
    });
    return (await found(what, s3.send(request)).catch(changed).catch(refused)).Body;
  }

  async function checksum(between: () => Promise<void>): Promise<string> {
    const { Crc64Nvme } = await import('@aws-sdk/checksums/crc');
    const sum = new Crc64Nvme();
    for await (const chunk of ((await get()) ?? []) as AsyncIterable<Uint8Array>) {
      await between();
      sum.update(chunk);
    }
    return Buffer.from(await sum.digest()).toString('base64'); // as S3 writes it
  }

  return {
    key,
    size,
    digest: async (between) => known ?? checksum(between),
    async range(offset, length) {
      const end = Math.min(offset + length, size);
      return end <= offset ? new Uint8Array() : bytesOf(await get(`bytes=${offset}-${end - 1}`));
    },
    close: () => {},
  };
}
