import { limitIn, type Meaning, makePlane, type Plane, type RasterWindow, toPhysical } from '../../arrays/dataTypes.ts';
import { InvalidSceneFile } from '../../base/errors.ts';
import { lookThrough } from '../../measures/blanks/mask.ts';
import type { SourceBand } from '../../package/facts.ts';
import type { ModelPackage } from '../../package/package.ts';
import { isHeldBy, narrowed } from '../lossless.ts';
import { makeRasterValues, type Raster, type RasterType } from './raster.ts';

/**
 * Makes the function that reads a window of a raster as a chip's planes: values of the package's types, in the chip's size;
 * with the share of its pixels without data, which pixels of the window hold data in any band (null if all do), the value of each
 * band that is none (null if it states none), and which pixels hold data and are not hidden by the package's mask (`shown`), of which it hides the share `masked`. What lies outside of an area, where `inside` is 0, is not
 * shown either, and none of that share.
 * If the raster is smaller than a chip, the planes are padded to the right and below with the band's nodata value, or else
 * 0. The padding counts in no share, as it is no land of which data are missing.
 * @param bands for each band of the package, its index in the raster
 * @param readMap reads the map that is the package's mask
 * @throws {InvalidSceneFile} at once when the raster's types do not fit the package's; later, from the returned function,
 *   as the raster's `read` does, and for a 64-bit integer that does not fit
 */
export function makeReadPlanes(
  key: string,
  raster: Raster,
  bands: readonly number[],
  { source: { bands: wanted, height, width }, mask }: Pick<ModelPackage, 'source' | 'mask'>,
  readMap?: (window: RasterWindow) => Promise<Plane>,
) {
  const types = bands.map((band) => raster.bands[band]!.type ?? raster.type);
  for (const [i, { name, dataType, physical, isMask }] of wanted.entries())
    if (physical === undefined && !isMask && !isHeldBy(types[i]!, dataType))
      throw new InvalidSceneFile(
        `${key}: found values of ${types[i]}, allowed is ${dataType} for the band ${name}, or a type whose every value ${dataType} holds`,
      );
  const isWide = (type: RasterType, { dataType }: SourceBand) => type.endsWith('int64') || !isHeldBy(type, dataType);
  const places = [...bands.keys()];
  const [seen, masks] = [places.filter((i) => !wanted[i]!.isMask), places.filter((i) => wanted[i]!.isMask)];
  const meant = meaningsOf(raster, bands, wanted);
  const stated = bands.map((band) => raster.bands[band]!.nodata);
  const nothing = wanted.map(({ dataType }, i) => {
    const { scale, offset } = meant[i] ?? { scale: 1, offset: 0 };
    return limitIn(dataType, Number(stated[i] ?? 0) * scale + offset);
  });
  const nodataOf = nothing.map((value, i) => (stated[i] === null ? null : value));

  return async (window: RasterWindow, inside: Uint8Array | null = null) => {
    const pixels = window.width * window.height;
    const values = wanted.map((band, i) => {
      const type = types[i]!;
      return isWide(type, band) || band.physical ? makeRasterValues(type, pixels) : makePlane(band.dataType, pixels);
    });
    const ofSeen = <One>(all: readonly One[]): One[] => seen.map((i) => all[i]!);
    const { valid } = await raster.read(window, ofSeen(bands), ofSeen(values));
    // By itself, because a mask may have values where there is no data.
    for (const i of masks) await raster.read(window, [bands[i]!], [values[i]!]);
    const nodata = valid === null ? 0 : valid.reduce((count, has) => count + (has === 0 ? 1 : 0), 0);
    const read = values.map((plane, i) => {
      const { name, dataType } = wanted[i]!;
      if (meant[i] !== undefined) return toPhysical(plane, makePlane(dataType, pixels), meant[i]);
      if (!isWide(types[i]!, wanted[i]!)) return plane as Plane;
      return narrowed(plane, dataType, (at) => `${key}: band ${name}: found ${plane[at]}`);
    });
    const seenThrough = readMap === undefined ? read[mask?.band ?? -1] : await readMap(window);
    const held = inside === null || valid === null ? (inside ?? valid) : inside.map((is, i) => is & valid[i]!);
    const among = inside?.reduce((count, is) => count + is) ?? pixels;
    const { shown, share: masked }: { shown: Uint8Array | null; share?: number } =
      mask && seenThrough ? lookThrough(held, seenThrough, mask, among) : { shown: held };
    const isWhole = window.width === width && window.height === height;
    const inOne = (plane: Plane, i: number) =>
      inChip(plane, window, makePlane(wanted[i]!.dataType, width * height).fill(nothing[i]!), width);
    return { planes: isWhole ? read : read.map(inOne), nodataShare: nodata / pixels, valid, nodataOf, shown, masked };
  };
}

/** Copies a window's values into the larger chip's, of rows of `width`. */
export function inChip<Values extends Plane>(from: Plane, window: RasterWindow, into: Values, width: number): Values {
  for (let y = 0; y < window.height; y += 1)
    into.set(from.subarray(y * window.width, (y + 1) * window.width), y * width);
  return into;
}

/** The scale and offset of each band, if the package asks for physical values. The file's own take precedence. */
export const meaningsOf = (raster: Pick<Raster, 'bands'>, bands: readonly number[], wanted: readonly SourceBand[]) =>
  wanted.map(({ physical }, i): Meaning | undefined => {
    const { scale, offset } = raster.bands[bands[i]!]!;
    return physical && { scale: scale ?? physical.scale, offset: offset ?? physical.offset };
  });
