import { GetObjectCommand, HeadObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { TransientTrouble } from '../core/errors.ts';
import type { OpenAsset, OpenScene } from '../core/objectStore.ts';
import { type AssetPlaces, assetAt } from '../core/scenes/formats/stacItem/assetAt.ts';
import { found } from './bucket.ts';
import { patience } from './patience.ts';

/**
 * Opens scene files with which the files can be read that they name. Each is held fast by its entity tag, which takes no right but
 * to get objects, and works where a bucket keeps no versions.
 */
export function withAssets(
  openScene: OpenScene,
  places: AssetPlaces,
  s3 = new S3Client({ ...patience, responseChecksumValidation: 'WHEN_REQUIRED' }),
): OpenScene {
  return async (scene) => ({
    ...(await openScene(scene)),
    asset: async (href) => openAsset(s3, assetAt(scene, href, places)),
  });
}

async function openAsset(s3: S3Client, { bucket, key }: { bucket: string; key: string }): ReturnType<OpenAsset> {
  const object = { Bucket: bucket, Key: key };
  const what = `s3://${bucket}/${key}`;
  const { ContentLength: size = 0, ETag = '' } = await found(what, s3.send(new HeadObjectCommand(object)));
  return {
    ...{ key, size, version: ETag },
    async range(offset, length) {
      const end = Math.min(offset + length, size);
      if (end <= offset) return new Uint8Array();
      const request = new GetObjectCommand({ ...object, Range: `bytes=${offset}-${end - 1}`, IfMatch: ETag });
      const { Body } = await found(what, s3.send(request)).catch((error: unknown) => {
        const isOther = error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412;
        throw isOther
          ? new TransientTrouble(`${what} became another file while it was read.`, { cause: error })
          : error;
      });
      return (await Body?.transformToByteArray()) ?? new Uint8Array();
    },
    close: () => {},
  };
}
