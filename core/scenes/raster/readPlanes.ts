import { InvalidSceneFile } from '../../errors.ts';
import { type DataType, makePlane, type Plane } from '../../models/dataTypes.ts';
import type { ModelPackage } from '../../models/package.ts';
import { isHeldBy } from '../lossless.ts';
import { makeRasterValues, type Raster, type RasterType, type RasterValues, type RasterWindow } from './raster.ts';

/** The bands of one chip, the share of its pixels that hold no data, and which of the window's do (null where all). */
export type ReadPlanes = (
  window: RasterWindow,
) => Promise<{ planes: Plane[]; nodataShare: number; valid: Uint8Array | null }>;

/**
 * Makes the function that reads a window of a raster as the planes of a chip: values of the package's types, of the chip's size.
 * Where the raster is smaller than a chip, the planes are padded to the right and below with the band's nodata value, else 0,
 * and the padding counts as pixels without data.
 *
 * @param bands for each of the package's bands, the raster's
 * @throws InvalidSceneFile at once where the raster's values do not fit the package's types; and from the function, as the
 * raster's `read` does, and for a whole number of 64 bits that does not fit
 */
export function makeReadPlanes(
  key: string,
  raster: Raster,
  bands: readonly number[],
  { bands: wanted, height, width }: ModelPackage['source'],
): ReadPlanes {
  const types = bands.map((band) => raster.bands[band]!.type ?? raster.type);
  for (const [i, { name, dataType, physical }] of wanted.entries())
    if (physical === undefined && !isHeldBy(types[i]!, dataType))
      throw new InvalidSceneFile(
        `${key}: found values of ${types[i]}, allowed is ${dataType} for the band ${name}, or a type whose every value ${dataType} holds`,
      );
  const isWide = (type: RasterType) => type === 'int64' || type === 'uint64';
  const meant = meaningsOf(raster, bands, wanted);

  return async (window) => {
    const pixels = window.width * window.height;
    const values = wanted.map(({ dataType, physical }, i) => {
      const type = types[i]!;
      return isWide(type) || physical !== undefined ? makeRasterValues(type, pixels) : makePlane(dataType, pixels);
    });
    const { valid } = await raster.read(window, bands, values);
    const nodata = valid === null ? 0 : valid.reduce((count, has) => count + (has === 0 ? 1 : 0), 0);
    const read = values.map((plane, i) => {
      const { name, dataType } = wanted[i]!;
      if (meant[i] !== undefined) return toPhysical(plane, makePlane(dataType, pixels), meant[i]);
      return isNumbers(plane) ? plane : narrowed(plane, dataType, () => `${key}: band ${name}`);
    });
    if (window.width === width && window.height === height)
      return { planes: read, nodataShare: nodata / pixels, valid };
    const planes = read.map((plane, i) => {
      const { scale, offset } = meant[i] ?? AS_STORED;
      const nothing = Number(raster.bands[bands[i]!]!.nodata ?? 0) * scale + offset;
      const padded = makePlane(wanted[i]!.dataType, width * height).fill(nothing);
      for (let y = 0; y < window.height; y += 1)
        padded.set(plane.subarray(y * window.width, (y + 1) * window.width), y * width);
      return padded;
    });
    return { planes, nodataShare: (nodata + width * height - pixels) / (width * height), valid };
  };
}

type Meaning = { readonly scale: number; readonly offset: number };

const AS_STORED: Meaning = { scale: 1, offset: 0 };

/**
 * For each of the package's bands what its stored values stand for, where the package asks for that; else undefined. The file
 * knows it; where it says nothing, the package does.
 */
export function meaningsOf(
  raster: Pick<Raster, 'bands'>,
  bands: readonly number[],
  wanted: ModelPackage['source']['bands'],
): (Meaning | undefined)[] {
  return wanted.map(({ physical }, i) => {
    const { scale, offset } = raster.bands[bands[i]!]!;
    return physical && { scale: scale ?? physical.scale, offset: offset ?? physical.offset };
  });
}

/** What stored values stand for, computed in float64 and rounded once. */
function toPhysical(stored: RasterValues, plane: Plane, { scale, offset }: Meaning): Plane {
  for (let i = 0; i < stored.length; i += 1) plane[i] = Number(stored[i]!) * scale + offset;
  return plane;
}

function isNumbers(values: RasterValues): values is Plane {
  return !(values instanceof BigInt64Array) && !(values instanceof BigUint64Array);
}

/** Whole numbers of 64 bits in another type, each of which it must hold. */
function narrowed(values: BigInt64Array | BigUint64Array, dataType: DataType, where: () => string): Plane {
  const plane = makePlane(dataType, values.length);
  for (let i = 0; i < values.length; i += 1) {
    const value = Number(values[i]!);
    plane[i] = value;
    if (plane[i] !== value || !Number.isSafeInteger(value))
      throw new InvalidSceneFile(`${where()}: found ${values[i]}, which is no ${dataType}`);
  }
  return plane;
}
