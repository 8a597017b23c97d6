import { InvalidSceneFile, insteadOf, ObjectNotFound } from '../../../base/errors.ts';
import { MAX_SCENE_ITEM_BYTES, type SceneLimits } from '../../../base/limits.ts';
import type { OpenAsset, OpenedAsset } from '../../../base/objectStore.ts';
import { cited } from '../../../base/text/cited.ts';
import type { ModelPackage } from '../../../package/package.ts';
import type { Raster, RasterLimits } from '../../raster/raster.ts';
import { cutRaster } from '../../raster/rasterFormat.ts';
import { withNodata } from '../../raster/siblings/placeBySiblings.ts';
import { type Layer, stackRasters } from '../../raster/stackRasters.ts';
import { describeStart } from '../fileStart.ts';
import { type Format, HEAD_BYTES, type SceneStream } from '../format.ts';
import { type ItemAsset, parseItem } from './item.ts';
import { matchAssets } from './matchAssets.ts';

/**
 * The cache for decoded blocks of all files together, divided by file size: one row of tiles of each of a Sentinel-2 tile's
 * thirteen bands takes 140 MB.
 */
const CACHE_BYTES = 256 * 1024 ** 2;

/**
 * Makes the format of STAC Items. Each is a scene whose bands are in several files, which are rasters of the given formats.
 */
export function makeStacItem(rasters: readonly Format[]): Format {
  return {
    name: 'STAC Item',
    // A TFRecord begins with a length, whose upper bytes are 0.
    sniff: (head) => (/^\{\s*"\w/.test(String.fromCharCode(...head.subarray(0, HEAD_BYTES))) ? 'yes' : 'no'),
    makeReader: (model, limits) =>
      async function* (scene) {
        const { raster, match, times, cloudCover } = await openItem(scene, model, limits, rasters);
        const { info, grid, chipAt } = await cutRaster(scene.key, raster, model, limits.maxRecordBytes, match);
        scene.tell?.(info, [...times, ...(raster.times ?? [])]);
        for (let index = 0; index < grid.columns * grid.rows; index += 1)
          yield [{ ...(await chipAt(index)), cloudCover }];
      },
    async readChip({ key }) {
      throw notShown(key);
    },
    async openRaster({ key }) {
      throw notShown(key);
    },
  };
}

/** The files may have changed since they were classified. */
function notShown(key: string): InvalidSceneFile {
  return new InvalidSceneFile(
    `${key} is a STAC Item: the files that it names are read when it is classified, and not again for a picture. Its results are on the map all the same.`,
  );
}

async function openItem(
  { key, size, chunks, asset }: SceneStream,
  model: ModelPackage,
  { maxFileBytes, maxRecordBytes }: SceneLimits,
  formats: readonly Format[],
) {
  if (size > MAX_SCENE_ITEM_BYTES)
    throw new InvalidSceneFile(
      `${key}: found a JSON file of ${size} bytes, allowed is a STAC Item of at most ${MAX_SCENE_ITEM_BYTES}`,
    );
  const { bands: wanted } = model.source;
  const { assets, times, cloudCover } = parseItem(key, await whole(chunks));
  const picture = model.isOfPictures ? onlyPicture(assets) : undefined;
  const { bands, by } =
    picture === undefined
      ? matchAssets(key, assets, wanted)
      : { bands: [{ asset: picture, band: 0 }], by: 'name' as const };
  if (asset === undefined)
    throw new InvalidSceneFile(
      `${key}: found a STAC Item among bulk files, allowed is one that is sent by itself: put it outside of the folder of bulk files`,
    );
  const files = new Map<ItemAsset, OpenedAsset>();
  for (const { asset: one } of bands) if (!files.has(one)) files.set(one, await openFile(key, one, asset));
  const bytes = [...files.values()].reduce((sum, file) => sum + file.size, size);
  if (bytes > maxFileBytes)
    throw new InvalidSceneFile(
      `${key}: found ${bytes} bytes in the files of its bands, allowed are at most ${maxFileBytes} in one scene. Send it in several, or deploy with a larger maxFileBytes.`,
    );
  const opened = new Map<ItemAsset, { raster: Raster; numbers: readonly number[] }>();
  for (const [one, file] of files) {
    const cacheBytes = Math.floor((CACHE_BYTES * file.size) / bytes);
    const raster = await openRaster(file, formats, { maxBlockBytes: maxRecordBytes, cacheBytes });
    if (one === picture) return { raster, times, cloudCover };
    opened.set(one, asTold(file.key, raster, one));
  }
  const layers = bands.map(({ asset: one, band }, i): Layer => {
    const { raster, numbers } = opened.get(one)!;
    const { scale, offset } = one.bands[band]!;
    const about = { description: wanted[i]!.name, scale, offset };
    return { key: files.get(one)!.key, raster, band: numbers[band]!, about };
  });
  const raster = await stackRasters(key, layers);
  return { raster, match: { bands: [...bands.keys()], by }, times, cloudCover };
}

/** Returns the one asset of an Item that is not for viewing only, or else its only one: of it a picture is read whole. */
function onlyPicture(assets: readonly ItemAsset[]): ItemAsset | undefined {
  const meant = assets.filter(({ isForEyes }) => !isForEyes);
  const [only, ...more] = meant.length > 0 ? meant : assets;
  return more.length === 0 ? only : undefined;
}

async function whole(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return Buffer.concat(await Array.fromAsync(chunks, (chunk) => chunk.slice()));
}

/** Opens a file. A missing one may still arrive, so the Item is not invalid for it. */
async function openFile(key: string, { name, href }: ItemAsset, open: OpenAsset): Promise<OpenedAsset> {
  const missing = (cause: ObjectNotFound) =>
    new ObjectNotFound(
      `${key}: found no file for the asset ${cited(name.slice(0, 40))}: ${cause.message} Send the files before the Item; once they are there, retry its run.`,
      { cause },
    );
  return open(href).catch(insteadOf(ObjectNotFound, missing));
}

async function openRaster(file: OpenedAsset, formats: readonly Format[], limits: RasterLimits): Promise<Raster> {
  const head = await file.range(0, HEAD_BYTES);
  const format = formats.find(({ sniff }) => sniff(head, file.size) === 'yes');
  if (format?.openRaster !== undefined) return format.openRaster(file, limits);
  throw new InvalidSceneFile(
    `${file.key}: found a file that starts with ${describeStart(head)}; formats that an Item's bands are read in: ${formats.map(({ name }) => name).join(', ')}`,
  );
}

/**
 * Returns a raster with the nodata values that its Item states, if it states none itself, and the indices of its bands:
 * without alpha unless the Item lists as many as there are with it.
 */
function asTold(key: string, raster: Raster, { name, bands }: ItemAsset) {
  const numbers = [...raster.bands.keys()].filter(
    (band) => band !== raster.alpha || raster.bands.length === bands.length,
  );
  if (numbers.length !== bands.length)
    throw new InvalidSceneFile(
      `${key}: found ${numbers.length} bands, allowed are as many as the Item says of the asset ${cited(name.slice(0, 40))}, ${bands.length}. List them in its "bands", or in "eo:bands" before STAC 1.1`,
    );
  const written = new Map<number, string>();
  for (const [i, number] of numbers.entries()) {
    const { nodata } = bands[i]!;
    if (nodata !== null) written.set(number, nodata);
  }
  return { raster: { ...raster, ...withNodata(raster, { nodata: written }) }, numbers };
}
