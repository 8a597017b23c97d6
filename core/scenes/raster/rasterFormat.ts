import type { RasterWindow } from '../../arrays/dataTypes.ts';
import type { Size } from '../../arrays/resize.ts';
import { InvalidSceneFile } from '../../base/errors.ts';
import { MOST_SCENE_LIMITS } from '../../base/limits.ts';
import { areaOf, keptArea } from '../../package/area.ts';
import type { ExampleBand } from '../../package/draft.ts';
import type { Chip, ModelPackage, PlacedWindow } from '../../package/package.ts';
import type { Format, SceneStream } from '../formats/format.ts';
import { pictureChip } from '../image/pictureChip.ts';
import { streamedRanges } from '../streamedRanges.ts';
import { chipGrid } from './chipGrid.ts';
import { crsOf } from './crs.ts';
import { describeRaster } from './describeRaster.ts';
import { holdsMask } from './holdsMask.ts';
import { makeInsideArea } from './insideArea.ts';
import { type MatchedBands, matchBands } from './matchBands.ts';
import type { Raster, RasterLimits, RasterSource } from './raster.ts';
import { inChip, makeReadPlanes } from './readPlanes.ts';
import { maskBySibling, placeBySiblings, withNodata } from './siblings/siblings.ts';

export type OpenRaster = (source: RasterSource, limits: RasterLimits) => Promise<Raster>;

/** For a single chip, only its own blocks are read, whatever limit applied when the file was. */
const ONE_CHIP: RasterLimits = { maxBlockBytes: MOST_SCENE_LIMITS.maxRecordBytes, cacheBytes: 0 };

/** The cache for decoded blocks: six 16-bit bands of a Sentinel-2 tile's width and a block height of 512 take 67 MB. */
const CACHE_BYTES = 128 * 1024 ** 2;

export type RasterFormat = Format & Required<Pick<Format, 'openRaster'>>;

/**
 * Makes a format of rasters. Each file is a scene, which is cut into chips of the size that the model takes; for a model of
 * pictures it is one chip.
 * @param isFromFront whether a file's description precedes its values, so that all of it is taken from the stream;
 *   otherwise only the values are, if the raster says that they are in order
 */
export function rasterFormat(
  name: string,
  sniff: Format['sniff'],
  openRaster: OpenRaster,
  { isFromFront = false } = {},
): RasterFormat {
  return {
    name,
    sniff,
    openRaster,
    makeReader: (model, { maxRecordBytes }) =>
      async function* (file) {
        const { key, size, chunks, range, sibling, tell } = file;
        const streamed = streamedRanges({ size, chunks, range });
        // The description may be at the end: only then is it known whether the pixels stream by in order.
        let read = isFromFront ? streamed.range : range;
        const source = { key, size, range: (offset: number, length: number) => read(offset, length) };
        const limits = { maxBlockBytes: maxRecordBytes, cacheBytes: CACHE_BYTES };
        const opened = await openRaster(source, limits);
        const placed = sibling ? await placeBySiblings(key, opened, sibling) : opened;
        const raster = sibling ? await maskBySibling(key, placed, sibling, limits) : opened;
        if (raster.isSequential) read = streamed.range;
        const scene = await cutRaster(file, raster, model, maxRecordBytes);
        tell?.(scene.info, raster.times);
        const { columns, rows } = scene.grid;
        for (let row = 0; row < rows; row += 1) {
          for (let column = 0; column < columns; column += 1) yield [await scene.chipAt(row * columns + column)];
          // The other side closes a stream that stands still for minutes.
          await streamed.goTo(raster.isSequential ? 0 : Math.floor((size * (row + 1)) / rows));
        }
        await streamed.goTo(size);
      },
    describe: async ({ key, size, range }) => bandsTold(await openRaster({ key, size, range }, ONE_CHIP)),
    async readChip({ key, size, range }, { index }, model) {
      const raster = await openRaster({ key, size, range }, ONE_CHIP);
      const { grid, chipAt } = await cutRaster({ key }, raster, model, ONE_CHIP.maxBlockBytes);
      const chips = grid.columns * grid.rows;
      if (index >= chips) throw new InvalidSceneFile(`${key}: has no chip ${index}, found are ${chips}`);
      return chipAt(index);
    },
  };
}

type Cut = Pick<SceneStream, 'key' | 'mask'>;

/** Returns what a raster says about its bands, without an alpha band that is a mask. */
async function bandsTold(raster: Raster): Promise<ExampleBand[]> {
  const { bands, alpha, type } = raster;
  const mask = alpha !== null && (await holdsMask(raster, alpha)) ? alpha : null;
  const told = bands.map(({ description: name, nodata }) => {
    return { name, type, nodata: nodata === null ? null : Number(nodata) };
  });
  return told.filter((_, band) => band !== mask);
}

const unplaced = (window: RasterWindow): PlacedWindow => ({ ...window, footprint: null, hectares: Number.NaN });

/**
 * Cuts a raster into a model's chips; a model of pictures takes it whole, as one. All rasters and images go through here,
 * whichever way they came, so that their predictions are the same.
 * @param most the bytes of the largest decoded picture
 * @param match the model's bands in the raster; looked up unless given
 */
export async function cutRaster(scene: Cut, told: Raster, model: ModelPackage, most: number, match?: MatchedBands) {
  const { key, mask } = scene;
  const { source, isOfPictures } = model;
  const { bands, by, warnings } = isOfPictures ? WHOLE : (match ?? matchBands(key, told, source.bands));
  // A file that has an alpha band says where its data is; so do the files of an Item and the variables of a cube, or their Item.
  const written = match || told.alpha !== null ? [] : bands.map((band, i) => [band, source.bands[i]!.nodata] as const);
  const raster = { ...told, ...withNodata(told, new Map(written)) };
  const grid = chipGrid(raster, isOfPictures ? raster : source, model.overlap);
  const { width, height, transform, geoKeys } = raster;
  const place = transform && !raster.unplaced ? await crsOf(geoKeys) : { crs: null, reason: whyUnplaced(raster) };
  const placed = transform === null ? unplaced : (await import('./hectaresWithin.ts')).placedWindow; // apart, as pictures have no place
  const readMap = mask && (await (await import('./stackRasters.ts')).readerOn(key, raster, mask)); // apart, as few models have one
  const readPlanes = isOfPictures ? null : makeReadPlanes(key, raster, bands, model, readMap);
  const isPadded = width < source.width || height < source.height;
  const insideOf = raster.area && makeInsideArea(key, raster, place, raster.area);
  const info = describeRaster({ size: { width, height }, bandsBy: by, transform, place, geoKeys }, model);
  return {
    info,
    grid,
    async chipAt(index: number): Promise<Chip> {
      const window = grid.windowOf(index);
      const at = { index, kind: 'window', ...placed(window, transform, place.crs, model) } as const;
      const inside = insideOf?.(window) ?? null;
      if (inside?.includes(1) === false) return { place: at, planes: [], truth: null, isOutside: true };
      if (readPlanes === null) return { place: at, truth: null, ...(await pictureChip(key, raster, model, most)) };
      const { planes, nodataShare, valid, nodataOf, shown, masked } = await readPlanes(window, inside);
      const chip = {
        place: at,
        planes,
        truth: null,
        ...(warnings && { warnings }),
        nodataShare,
        ...(masked !== undefined && { masked }),
        ...(model.profile && (nodataShare > 0 || isPadded) && { valid: validInChip(valid, window, source) }),
        nodataOf,
      };
      const { pixels } = model.output;
      if (pixels === null) return chip;
      return { ...chip, area: areaOf(keptArea(window, grid.neighboursOf(index), pixels.margin), window, shown) };
    },
  };
}

/** The bands of a picture are found once it is read. */
const WHOLE: MatchedBands = { bands: [], by: 'position' };

function whyUnplaced({ controlPoints = 0, isTurned, unplaced }: Raster): string {
  if (isTurned) return 'its EXIF data turn it: what lies beside it, if anything, places it as it is stored';
  if (controlPoints === 0) return unplaced ?? 'it does not say where it lies';
  const points = `it has ${controlPoints} ground control point${controlPoints === 1 ? '' : 's'}, which place single pixels, and no grid`;
  return controlPoints < 3 ? points : `${points}. Warp it to one: gdalwarp in.tif out.tif`;
}

/** Returns which pixels of a chip hold data. A window smaller than the chip is padded, and padding holds none. */
const validInChip = (valid: Uint8Array | null, window: RasterWindow, { width, height }: Size): Uint8Array =>
  inChip(valid ?? new Uint8Array(window.width * window.height).fill(1), window, new Uint8Array(width * height), width);
