import { toPhysical } from '../arrays/dataTypes.ts';
import { encodePng } from '../arrays/encodePng.ts';
import { errorNamed, insteadOf } from '../base/errors.ts';
import { MOST_SCENE_LIMITS } from '../base/limits.ts';
import type { ModelPackage } from '../package/package.ts';
import type { SceneRanges } from './formats/format.ts';
import { formatOf } from './formats/formats.ts';
import { matchBands } from './raster/matchBands.ts';
import { meaningsOf } from './raster/readPlanes.ts';
import { type Reduced, reduceRaster, TooMuchToReduce } from './raster/reduceRaster.ts';
import { rangeOf, shownBands, stretch } from './thumbnail.ts';

/** The most decoded bytes read for a picture: a 16-bit band of a Sentinel-2 tile takes 241 MB. */
const MOST_BYTES = 256 * 1024 ** 2;
/** Cache for decoded blocks, so that each is decoded once. */
const CACHE_BYTES = 64 * 1024 ** 2;

/** A scene cannot be shown as a picture; `message` is a sentence that says why. */
export class NoScenePicture extends errorNamed('NoScenePicture') {}

/**
 * Renders a whole raster as a PNG file whose longer side has at most `longestSide` pixels, transparent where there is no
 * data. Bands and brightness are chosen as for a thumbnail. Reads the file's overviews if it has any, else all of it.
 * @throws {NoScenePicture} when the file is not a raster, or too large
 * @throws {InvalidSceneFile} when the file cannot be read
 */
export async function makeScenePicture(scene: SceneRanges, model: ModelPackage, longestSide: number) {
  const { key, size, range } = scene;
  const { format } = formatOf(scene, scene.head);
  if (format.openRaster === undefined)
    throw new NoScenePicture(
      `${key} is not one raster: it is a file of chips, an archive, or a scene of several files.`,
    );
  const limits = { maxBlockBytes: MOST_SCENE_LIMITS.maxRecordBytes, cacheBytes: CACHE_BYTES };
  const raster = await format.openRaster({ key, size, range }, limits);
  const { bands } = matchBands(key, raster, model.source.bands);
  const shown = shownBands(model);
  const tooLarge = `${key} has no overview, and is too large to be read as a whole for a picture. With some, there is one: gdaladdo -r average scene.tif 4 16 64`;
  const found = shown.map((band) => bands[band]!);
  const reducing = reduceRaster(raster, found, { longestSide, by: 'mean', mostBytes: MOST_BYTES });
  const reduced = await reducing.catch(insteadOf(TooMuchToReduce, () => new NoScenePicture(tooLarge)));
  const meant = meaningsOf(raster, bands, model.source.bands);
  for (const [i, plane] of reduced.planes.entries()) {
    const meaning = meant[shown[i]!];
    if (meaning !== undefined) toPhysical(plane, plane, meaning);
  }
  return encodePicture(reduced);
}

function encodePicture({ width, height, planes }: Reduced): Uint8Array {
  const bands = planes.length;
  const channels = bands + 1;
  const colours = stretch(planes, rangeOf(planes));
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < width * height; i += 1) {
    if (planes.some((plane) => Number.isNaN(plane[i]))) continue;
    for (let band = 0; band < bands; band += 1) data[i * channels + band] = colours[i * bands + band]!;
    data[i * channels + bands] = 255;
  }
  return encodePng({ width, height, channels, data });
}
