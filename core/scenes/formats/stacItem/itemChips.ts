import { cited, InvalidSceneFile, listed, ObjectNotFound, onError } from '../../../base/errors.ts';
import type { SceneLimits } from '../../../base/limits.ts';
import type { OpenAsset, OpenedAsset } from '../../../base/objectStore.ts';
import type { ModelPackage } from '../../../package/package.ts';
import type { Raster, RasterLimits } from '../../raster/raster.ts';
import { cutRaster } from '../../raster/rasterFormat.ts';
import { withNodata } from '../../raster/siblings/siblings.ts';
import { type Layer, stackRasters } from '../../raster/stackRasters.ts';
import { describeStart, HEAD_BYTES, type SceneStream } from '../format.ts';
import { PICTURES } from '../pictures.ts';
import type { Item, ItemAsset } from './item.ts';
import { matchAssets } from './matchAssets.ts';

/** The cache of decoded blocks of all files, by size: one row of tiles of a Sentinel-2 tile's thirteen bands has 140 MB. */
const CACHE_BYTES = 256 * 1024 ** 2;

/** A scene of several files, as an Item describes it; `size` is that of the description. */
export type ItemScene = Pick<SceneStream, 'key' | 'size' | 'tell' | 'mask'> & {
  readonly open: OpenAsset;
  /** Makes the error for files that are not there, which decides whether the run is retried. */
  readonly missing: (found: string, cause: Error) => Error;
};

/** Yields the chips of an Item's scene. Opens only the files of the bands that the model takes, and leaves them open. */
export async function* itemChips(scene: ItemScene, item: Item, model: ModelPackage, limits: SceneLimits) {
  const { raster, match } = await openItem();
  const limited = { ...raster, area: item.area };
  const { info, grid, chipAt } = await cutRaster(scene, limited, model, limits.maxRecordBytes, match);
  scene.tell?.(info, [...item.times, ...(raster.times ?? [])]);
  const chips = grid.columns * grid.rows;
  for (let [index, outside] = [0, 0]; index < chips; index += 1) {
    const chip = await chipAt(index);
    if (chip.isOutside) outside += 1;
    yield [{ ...chip, cloudCover: item.cloudCover, ...(outside === chips && { warnings: [OUTSIDE] }) }];
  }

  async function openItem() {
    const { key, size } = scene;
    const { maxFileBytes, maxRecordBytes } = limits;
    const isPart = item.area !== undefined;
    const assets = await Promise.all(item.assets.map((asset) => whereAllowed(asset, scene.open.isAllowed)));
    const { bands: wanted } = model.source;
    const picture = model.isOfPictures ? onlyPicture(assets) : undefined;
    const alone = picture && { bands: [{ asset: picture, band: 0 }], by: 'name' as const };
    const { bands, by } = alone ?? matchAssets(key, { ...item, assets }, wanted);
    const files = await openFiles(scene, new Set(bands.map(({ asset }) => asset)));
    const bytes = [...files.values()].reduce((sum, file) => sum + file.size, size);
    if (bytes > maxFileBytes)
      throw new InvalidSceneFile(
        `${key}: found ${bytes} bytes in the files of its bands, allowed are at most ${maxFileBytes} in one scene. Send it in several, or deploy with a larger maxFileBytes.`,
      );
    const opened = new Map<ItemAsset, { raster: Raster; numbers: readonly number[] }>();
    for (const [one, file] of files) {
      const cacheBytes = Math.floor((CACHE_BYTES * file.size) / bytes);
      const raster = await openRaster(file, { maxBlockBytes: maxRecordBytes, cacheBytes, isPart });
      if (one === picture) return { raster };
      opened.set(one, asTold(file.key, raster, one));
    }
    const layers = bands.map(({ asset: one, band }, i): Layer => {
      const { raster, numbers } = opened.get(one)!;
      const { scale, offset } = one.bands[band]!;
      const about = { description: wanted[i]!.name, scale, offset };
      return { key: files.get(one)!.key, raster, band: numbers[band]!, about, method: wanted[i]!.resampling };
    });
    return { raster: await stackRasters(key, layers), match: { bands: [...bands.keys()], by } };
  }
}

const OUTSIDE = 'The scene has no pixel within its swath:area, so that none was read.';

/** Refuses to read a chip again: the files may have changed since they were classified. */
export const notShown =
  (what: string) =>
  async (scene: { readonly key: string }): Promise<never> => {
    throw new InvalidSceneFile(
      `${scene.key} is ${what}: its pixels are read when it is classified, and not again for a picture. Its results are on the map all the same.`,
    );
  };

export const whole = async (chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> =>
  Buffer.concat(await Array.fromAsync(chunks, (chunk) => new Uint8Array(chunk)));

/** Returns an asset at the first of its addresses that is allowed. */
async function whereAllowed(asset: ItemAsset, isAllowed: OpenAsset['isAllowed'] = async () => true) {
  for (const href of [asset.href, ...(asset.alternates ?? [])]) if (await isAllowed(href)) return { ...asset, href };
  return { ...asset, isRefused: true };
}

/** Opens files, and names all that are missing at once. */
async function openFiles({ open, missing }: ItemScene, assets: ReadonlySet<ItemAsset>) {
  const files = new Map<ItemAsset, OpenedAsset>();
  const none: [name: string, error: ObjectNotFound][] = [];
  for (const asset of assets) {
    const note = onError(ObjectNotFound, (error): undefined => void none.push([asset.name.slice(0, 40), error]));
    const file = await open(asset.href).catch(note);
    if (file !== undefined) files.set(asset, file);
  }
  const [first] = none;
  if (first === undefined) return files;
  const names = none.length === 1 ? `asset ${cited(first[0])}` : `assets ${cited(listed(none.map(([name]) => name)))}`;
  throw missing(`found no file for the ${names}: ${none.map(([, { message }]) => message).join(' ')}`, first[1]);
}

/** Returns the one asset of an Item that is not for viewing only, or else its only one: of it a picture is read whole. */
function onlyPicture(assets: readonly ItemAsset[]): ItemAsset | undefined {
  const meant = assets.filter(({ isForEyes }) => !isForEyes);
  const [only, ...more] = meant.length > 0 ? meant : assets;
  return more.length === 0 ? only : undefined;
}

async function openRaster(file: OpenedAsset, limits: RasterLimits): Promise<Raster> {
  const head = await file.range(0, HEAD_BYTES);
  const format = PICTURES.find(({ sniff }) => sniff(head, file.size) === 'yes');
  if (format !== undefined) return format.openRaster(file, limits);
  throw new InvalidSceneFile(
    `${file.key}: found a file that starts with ${describeStart(head)}; formats that an Item's bands are read in: ${PICTURES.map(({ name }) => name).join(', ')}`,
  );
}

/** A raster with its own nodata values or else the Item's, and its bands: without alpha, unless the Item lists as many. */
function asTold(key: string, raster: Raster, { name, bands }: ItemAsset) {
  const isWithAlpha = raster.bands.length === bands.length;
  const numbers = [...raster.bands.keys()].filter((band) => band !== raster.alpha || isWithAlpha);
  if (numbers.length !== bands.length)
    throw new InvalidSceneFile(
      `${key}: found ${numbers.length} bands, allowed are as many as the Item says of the asset ${cited(name.slice(0, 40))}, ${bands.length}. List them in its "bands", or in "eo:bands" before STAC 1.1`,
    );
  const written = new Map(numbers.map((number, i) => [number, bands[i]!.nodata]));
  return { raster: { ...raster, ...withNodata(raster, written) }, numbers };
}
