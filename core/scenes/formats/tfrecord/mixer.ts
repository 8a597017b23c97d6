import * as z from 'zod';
import type { Size } from '../../../arrays/resize.ts';
import { attempt, InvalidSceneFile, insteadOf } from '../../../base/errors.ts';
import { MAX_RASTER_PIXELS } from '../../../base/limits.ts';
import type { ReadSibling } from '../../../base/objectStore.ts';
import type { ModelPackage } from '../../../package/package.ts';
import { crsNamed } from '../../raster/crs.ts';
import { describeRaster } from '../../raster/describeRaster.ts';
import { placedWindow } from '../../raster/hectaresWithin.ts';
import type { Transform } from '../../raster/raster.ts';
import { mixersOf, shardOf } from './exportNames.ts';

const count = z.int().min(1).max(1_000_000_000);

/**
 * The file that Earth Engine writes beside an image's TFRecord files: how the patches lie in the image, and where that is.
 * https://developers.google.com/earth-engine/guides/tfrecord
 */
const mixerSchema = z.object({
  projection: z.object({ crs: z.string(), affine: z.object({ doubleMatrix: z.array(z.number()).length(6) }) }),
  patchDimensions: z.tuple([count, count]),
  patchesPerRow: count,
  totalPatches: count,
});

export type Patches = Awaited<ReturnType<typeof patchesOf>>;

/** How a file's records lie on earth, by its companion, if any. Throws `InvalidSceneFile` if that is malformed. */
export async function readMixer(key: string, sibling: ReadSibling, model: Model) {
  for (const mixer of mixersOf(key)) {
    const bytes = await sibling(mixer);
    const where = `${key}: ${mixer.slice(mixer.lastIndexOf('/') + 1)} beside it`;
    if (bytes !== null) return patchesOf(parse(where, bytes), shardOf(key), model);
  }
  return null;
}

type Model = Pick<ModelPackage, 'source' | 'output' | 'overlap'>;

async function patchesOf(mixer: Mixer, shard: string | undefined, model: Model) {
  const { projection, patchesPerRow, totalPatches } = mixer;
  const [width, height] = mixer.patchDimensions;
  const size = { width: patchesPerRow * width, height: Math.ceil(totalPatches / patchesPerRow) * height };
  const [a, b, c, d, e, f] = projection.affine.doubleMatrix as [number, number, number, number, number, number];
  const transform: Transform = [c, a, b, f, d, e];
  const obstacle = obstacleTo({ width, height }, size, model.source, shard);
  const place = obstacle === undefined ? await crsNamed(projection.crs) : ({ crs: null, reason: obstacle } as const);
  const geoKeys = place.crs === null ? null : place.geoKeys;
  const windowAt = (index: number) => {
    const corner = { x: (index % patchesPerRow) * width, y: Math.floor(index / patchesPerRow) * height };
    return placedWindow({ ...corner, width, height }, transform, place.crs, model);
  };
  return {
    info: describeRaster({ size, bandsBy: 'name', transform, place, geoKeys }, model),
    /** The number of patches, and whether the file holds all of them, because no further file is named. */
    total: totalPatches,
    areAll: shard === undefined,
    /** Returns the patch that a record is; null if that is not known. */
    windowAt: obstacle === undefined ? windowAt : null,
  };
}

/** Returns why it is not known which patch a record is, if so. */
function obstacleTo(patch: Size, image: Size, chip: Size, shard: string | undefined): string | undefined {
  if (image.width * image.height > MAX_RASTER_PIXELS)
    return `its mixer.json says an image of ${image.height} × ${image.width} pixels, and at most ${MAX_RASTER_PIXELS} are allowed`;
  if (Number(shard ?? 0) > 0)
    return 'its patches are numbered on from those of the files before it, and it does not say how many these hold';
  if (patch.width !== chip.width || patch.height !== chip.height)
    return `its records are chips of ${chip.height} × ${chip.width} pixels, and its mixer.json says patches of ${patch.height} × ${patch.width}: they overlap`;
  return undefined;
}

type Mixer = z.infer<typeof mixerSchema>;

function parse(where: string, bytes: Uint8Array): Mixer {
  const message = `${where}: is not as Earth Engine writes it: allowed is JSON with projection (crs, affine.doubleMatrix), patchDimensions, patchesPerRow and totalPatches`;
  const invalid = insteadOf(Error, (cause) => new InvalidSceneFile(message, { cause }));
  return attempt(() => mixerSchema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))), invalid);
}
