import type { Plane, RasterWindow } from '../../arrays/dataTypes.ts';
import type { Resampling } from '../../arrays/resize.ts';
import { InvalidSceneFile } from '../../base/errors.ts';
import { crsName } from './crs.ts';
import { type Mapping, mappingTo, meets } from './mapping.ts';
import { makeRasterValues, type Raster, type RasterBand } from './raster.ts';
import { readWarped, type Wanted } from './warp.ts';

/** A band whose raster is a file of its own. */
export type Layer = {
  readonly key: string;
  readonly raster: Raster;
  readonly band: number;
  readonly about: Pick<RasterBand, 'description' | 'scale' | 'offset'>;
  /** How its values are computed on the pixels of another raster; the nearest unless given. */
  readonly method?: Resampling | undefined;
};

type Placed = Pick<Layer, 'key' | 'raster'>;

/** The most pixels that corners may be apart: files write coordinates with limited precision. */
const TOLERANCE = 0.01;

/**
 * Combines several rasters into one. If all cover the same ground, with pixels that are larger by a whole factor than those of
 * the one with the most, its grid is taken; else that of the first layer. On it, a layer's values are computed by its method,
 * as `readWarped` does. A pixel holds data if any of the files read holds data there.
 * @throws {InvalidSceneFile} when a raster does not lie on that grid, or it is not known whether it does
 */
export async function stackRasters(key: string, layers: readonly Layer[]): Promise<Raster> {
  const [first] = layers as readonly [Layer, ...Layer[]];
  const finest = layers.reduce((best, one) => (pixelsOf(one) > pixelsOf(best) ? one : best), first);
  const rasters = new Map(layers.map((layer) => [layer.raster, layer]));
  const isEven = (await Promise.all([...rasters.keys()].map((one) => factorOn(finest.raster, one)))).every(Boolean);
  const grid = isEven ? finest : first;
  const mappings = new Map<Raster, Mapping | null>();
  for (const [raster, layer] of rasters) mappings.set(raster, await mappingOf(key, layer, grid));
  const { width, height, type, photometric, transform, geoKeys, unplaced, blockWidth, blockHeight } = grid.raster;

  return {
    ...{ width, height, type, photometric, transform, geoKeys, unplaced, blockWidth, blockHeight },
    ...(grid.raster.times && { times: grid.raster.times }),
    alpha: null,
    isSequential: false,
    bands: layers.map(({ raster, band, about }) => ({
      ...raster.bands[band]!,
      type: raster.bands[band]!.type ?? raster.type,
      description: about.description,
      scale: raster.bands[band]!.scale ?? about.scale,
      offset: raster.bands[band]!.offset ?? about.offset,
    })),
    async read(window, bands, into) {
      let valid: Uint8Array | null = new Uint8Array(window.width * window.height);
      for (const raster of new Set(bands.map((band) => layers[band]!.raster))) {
        const wanted = bands.flatMap((band, i): Wanted | [] => {
          const { raster: own, band: of, method = 'nearest' } = layers[band]!;
          return own === raster ? { band: of, into: into[i]!, method } : [];
        });
        const found = await readWarped(raster, mappings.get(raster)!, window, wanted);
        if (found === null) valid = null;
        else if (valid !== null) for (let i = 0; i < found.length; i += 1) valid[i]! |= found[i]!;
      }
      return { valid: valid?.includes(0) ? valid : null };
    },
  };
}

/** Makes what reads the first band of another raster on the pixels of a grid: at each, the nearest value. */
export async function readerOn(key: string, grid: Raster, layer: Placed) {
  const mapping = await mappingOf(key, layer, { key, raster: grid });
  return async (window: RasterWindow): Promise<Plane> => {
    const into = makeRasterValues(layer.raster.type, window.width * window.height);
    await readWarped(layer.raster, mapping, window, [{ band: 0, into, method: 'nearest' }]);
    return into as Plane;
  };
}

const pixelsOf = ({ raster: { width, height } }: Layer): number => width * height;

/** Returns where the grid lies in a raster; null if it is the raster's own. */
async function mappingOf(key: string, layer: Placed, grid: Placed): Promise<Mapping | null> {
  const factor = await factorOn(grid.raster, layer.raster);
  if (factor === 1) return null;
  const isPlaced = layer.raster.geoKeys !== null && grid.raster.geoKeys !== null;
  const at = isPlaced ? await mappingTo(layer.raster, grid.raster) : null;
  const mapping: Mapping | null = factor === null ? at : (column, row) => [column / factor, row / factor];
  if (mapping !== null && meets(mapping, grid.raster, layer.raster)) return mapping;
  throw new InvalidSceneFile(
    mapping === null
      ? `${key}: found ${await placeIn(layer)} and ${await placeIn(grid)}, allowed are files that say where they lie, by a transform and a coordinate reference system that is known; or files of the same ground, whose pixels are as large as the smallest, or larger by a whole number. Write it into the files, or bring them to one grid.`
      : `${key}: found ${await placeIn(layer)}, which does not overlap ${await placeIn(grid)}, allowed are files of one place. Name those in the Item.`,
  );
}

const placeIn = async ({ key, raster: { width, height, transform, geoKeys } }: Placed): Promise<string> =>
  `${key} of ${width} × ${height} pixels with the transform ${transform?.join(', ') ?? '(none)'} in ${await crsName(geoKeys)}`;

/** Returns how many pixels of a grid, along a row, one of a raster of the same ground covers; null if that is no whole number. */
async function factorOn(grid: Raster, raster: Raster): Promise<number | null> {
  const factor = grid.width / raster.width;
  const at = await mappingTo(raster, grid);
  if (at === null || !Number.isInteger(factor) || grid.height / raster.height !== factor) return null;
  const corners = [at(0, 0), at(grid.width, 0), at(0, grid.height)].flat();
  const own = [0, 0, raster.width, 0, 0, raster.height];
  return corners.every((value, i) => Math.abs(value - own[i]!) * factor <= TOLERANCE) ? factor : null;
}
