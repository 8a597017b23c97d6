import type { RasterWindow } from '../../arrays/window.ts';
import { InvalidSceneFile } from '../../base/errors.ts';
import { crsOf } from './crs.ts';
import { makeRasterValues, type Raster, type RasterBand, type RasterValues } from './raster.ts';

/** A band whose raster is a file of its own. */
export type Layer = {
  readonly key: string;
  readonly raster: Raster;
  readonly band: number;
  readonly about: Pick<RasterBand, 'description' | 'scale' | 'offset'>;
};

/** The most pixels that corners may be apart: files write coordinates with limited precision. */
const TOLERANCE = 0.01;

/**
 * Combines several rasters of one place into one, on the grid of the one with the most pixels. Pixels of the others are
 * larger by a whole factor and are repeated (nearest neighbour); no value is interpolated. A pixel holds data if any of the
 * files read holds data there.
 *
 * @throws {InvalidSceneFile} when the rasters do not cover the same area
 */
export async function stackRasters(key: string, layers: readonly Layer[]): Promise<Raster> {
  const [first] = layers as readonly [Layer, ...Layer[]];
  const finest = layers.reduce((best, one) => (pixelsOf(one) > pixelsOf(best) ? one : best), first);
  const factors = new Map<Raster, number>();
  for (const layer of layers)
    if (!factors.has(layer.raster)) factors.set(layer.raster, await factorOf(key, layer, finest));
  const { width, height, type, photometric, transform, geoKeys, blockWidth, blockHeight } = finest.raster;

  return {
    ...{ width, height, type, photometric, transform, geoKeys, blockWidth, blockHeight },
    ...(finest.raster.times && { times: finest.raster.times }),
    alpha: null,
    isSequential: false,
    bands: layers.map(({ raster, band, about }) => ({
      ...raster.bands[band]!,
      type: raster.type,
      description: about.description,
      scale: raster.bands[band]!.scale ?? about.scale,
      offset: raster.bands[band]!.offset ?? about.offset,
    })),
    async read(window, bands, into) {
      let valid: Uint8Array | null = new Uint8Array(window.width * window.height);
      for (const raster of new Set(bands.map((band) => layers[band]!.raster))) {
        const wanted = bands.flatMap((band, i) =>
          layers[band]!.raster === raster ? [{ band: layers[band]!.band, into: into[i]! }] : [],
        );
        const found = await readSpread(raster, factors.get(raster)!, window, wanted);
        if (found === null) valid = null;
        else if (valid !== null) for (let i = 0; i < found.length; i += 1) valid[i]! |= found[i]!;
      }
      return { valid: valid?.includes(0) ? valid : null };
    },
  };
}

const pixelsOf = ({ raster: { width, height } }: Layer): number => width * height;

/** Returns how many pixels of the finest raster, along a row, one pixel of this raster covers. */
async function factorOf(key: string, layer: Layer, finest: Layer): Promise<number> {
  const [own, fine] = [layer.raster, finest.raster];
  const factor = fine.width / own.width;
  const of = ({ key, raster: { width, height } }: Layer) => `${key} of ${width} × ${height} pixels`;
  if (!Number.isInteger(factor) || fine.height / own.height !== factor)
    throw new InvalidSceneFile(
      `${key}: found ${of(layer)} and ${of(finest)}, allowed are files whose pixels are as large as the smallest, or larger by a whole number. ${await remedyFor(own, finest)}`,
    );
  const [crs, fineCrs] = [await crsName(own), await crsName(fine)];
  if (crs !== fineCrs)
    throw new InvalidSceneFile(
      `${key}: found ${layer.key} in ${crs} and ${finest.key} in ${fineCrs}, allowed is one coordinate reference system for all. ${await remedyFor(own, finest)}`,
    );
  if (!isSamePlace(own, fine, factor))
    throw new InvalidSceneFile(
      `${key}: found ${layer.key} with the transform ${own.transform?.join(', ') ?? '(none)'} and ${finest.key} with ${fine.transform?.join(', ') ?? '(none)'}, allowed are files of the same ground. ${await remedyFor(own, finest)}`,
    );
  return factor;
}

/** Returns the command that brings a raster to the finest one's grid, where both say where they lie. */
async function remedyFor(own: Raster, { key, raster: fine }: Layer): Promise<string> {
  const [from, to] = [await crsName(own), await crsName(fine)];
  const canWarp = from === to || (from !== NO_CRS && /^EPSG:\d+$/.test(to));
  const [left, right, turned, top, askew, down] = fine.transform ?? [0, 0, 0, 0, 0, 0];
  if (own.transform === null || !canWarp || turned !== 0 || askew !== 0 || !(right > 0 && down < 0))
    return 'Bring them to one grid in one coordinate reference system.';
  const corners = [left, top + fine.height * down, left + fine.width * right, top];
  const system = from === to ? '' : `-t_srs ${to} `;
  return `Bring it to the grid of ${key}: gdalwarp ${system}-te ${corners.join(' ')} -ts ${fine.width} ${fine.height} in.tif out.tif`;
}

const NO_CRS = 'no coordinate reference system';

/** Returns a name even for an unknown system, because two files may still share it. */
async function crsName({ geoKeys }: Raster): Promise<string> {
  if (geoKeys === null) return NO_CRS;
  const { crs } = await crsOf(geoKeys);
  return crs === null ? JSON.stringify(geoKeys) : (crs.wkt2 ?? crs.name);
}

function isSamePlace({ transform: own }: Raster, { transform: fine, width, height }: Raster, factor: number): boolean {
  if (own === null || fine === null) return own === fine;
  const side = Math.max(...[fine[1], fine[2], fine[4], fine[5]].map(Math.abs));
  const isNear = (a: number, b: number) => Math.abs(a - b) <= TOLERANCE * side;
  const corners = [
    [0, 0],
    [width, 0],
    [0, height],
  ] as const;
  return corners.every(([column, row]) =>
    [0, 3].every((at) => {
      const [start, right, down] = [at, at + 1, at + 2] as const;
      const here = own[start]! + (column / factor) * own[right]! + (row / factor) * own[down]!;
      return isNear(here, fine[start]! + column * fine[right]! + row * fine[down]!);
    }),
  );
}

/** Reads the pixels that cover a window of the finest raster, each repeated over all that it covers. */
async function readSpread(
  raster: Raster,
  factor: number,
  window: RasterWindow,
  wanted: readonly { band: number; into: RasterValues }[],
): Promise<Uint8Array | null> {
  const bands = wanted.map(({ band }) => band);
  if (factor === 1) {
    const into = wanted.map((one) => one.into);
    return (await raster.read(window, bands, into)).valid;
  }
  const [x, y] = [Math.floor(window.x / factor), Math.floor(window.y / factor)];
  const width = Math.ceil((window.x + window.width) / factor) - x;
  const height = Math.ceil((window.y + window.height) / factor) - y;
  const coarse = wanted.map(() => makeRasterValues(raster.type, width * height));
  const { valid } = await raster.read({ x, y, width, height }, bands, coarse);
  const spread = (from: RasterValues, into: RasterValues) => {
    for (let row = 0, at = 0; row < window.height; row += 1) {
      const start = (Math.floor((window.y + row) / factor) - y) * width - x;
      for (let column = 0; column < window.width; column += 1, at += 1)
        into[at] = from[start + Math.floor((window.x + column) / factor)]!;
    }
  };
  for (const [i, { into }] of wanted.entries()) spread(coarse[i]!, into);
  if (valid === null) return null;
  const fine = new Uint8Array(window.width * window.height);
  spread(valid, fine);
  return fine;
}
