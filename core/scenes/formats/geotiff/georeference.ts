import { InvalidSceneFile } from '../../../base/errors.ts';
import { MAX_GEO_TEXT_BYTES, MAX_TIFF_TAGS } from '../../../base/limits.ts';
import { GEO_TAGS, type GeoKeys, type Transform } from '../../raster/raster.ts';
import type { Directory } from './directories.ts';

/** GTRasterTypeGeoKey, and its value for coordinates that refer to pixel centres. */
const [RASTER_TYPE, PIXEL_IS_POINT] = [1025, 2];

/** Reads the GeoTIFF keys (OGC 19-008r4, 7.1). A value is a number in the table, or a slice of doubles or text. */
export async function readGeoKeys(directory: Directory): Promise<GeoKeys | null> {
  const table = await directory.numbers('GeoKeyDirectory', 4 * MAX_TIFF_TAGS);
  if (table === undefined) return null;
  const doubles = (await directory.numbers('GeoDoubleParams', MAX_TIFF_TAGS)) ?? new Float64Array();
  const ascii = (await directory.bytes('GeoAsciiParams', MAX_GEO_TEXT_BYTES)) ?? new Uint8Array();
  const keys: Record<number, number | string | readonly number[]> = {};
  for (let i = 4; i + 4 <= table.length && i < 4 + 4 * table[3]!; i += 4) {
    const [key, place, count, value] = [table[i]!, table[i + 1]!, table[i + 2]!, table[i + 3]!];
    if (place === 0) keys[key] = value;
    else if (place === 34737)
      keys[key] = new TextDecoder('latin1').decode(ascii.subarray(value, value + count)).replace(/[|\0]*$/, '');
    else {
      const numbers = [...(place === 34736 ? doubles : table).subarray(value, value + count)];
      if (numbers.length < count || count === 0)
        throw new InvalidSceneFile(`${directory.where}: its GeoTIFF key ${key} lies beyond the values of its tag`);
      keys[key] = numbers.length === 1 ? numbers[0]! : numbers;
    }
  }
  const stored = [[...table], [...doubles], new TextDecoder('latin1').decode(ascii).replace(/\0$/, '')] as const;
  for (const [i, tag] of GEO_TAGS.entries()) if (stored[i]!.length > 0) keys[tag] = stored[i]!;
  return keys;
}

/**
 * Returns the transform that GDAL would (GTiffDataset::LoadGeoreferencing): from a scale and the first tie point, or from a
 * matrix. If coordinates refer to pixel centres, it is shifted to the corner, by half a pixel. Tie points alone give none.
 */
export async function readTransform(directory: Directory, geoKeys: GeoKeys | null): Promise<Transform | null> {
  const found = (await scaleAndTiePoint(directory)) ?? (await matrix(directory));
  if (found === null || !found.every(Number.isFinite)) return null;
  if (geoKeys?.[RASTER_TYPE] !== PIXEL_IS_POINT) return found;
  const [x, right, down, y, rightY, downY] = found;
  return [x - (right + down) / 2, right, down, y - (rightY + downY) / 2, rightY, downY];
}

async function scaleAndTiePoint(directory: Directory): Promise<Transform | null> {
  const [right, up] = (await directory.numbers('ModelPixelScale', MAX_TIFF_TAGS)) ?? [];
  if (!right || !up) return null;
  const down = -Math.abs(up);
  const [column, row, , x, y, z] = (await directory.numbers('ModelTiepoint', 6 * MAX_TIFF_TAGS)) ?? [];
  if (column === undefined || row === undefined || x === undefined || y === undefined || z === undefined) return null;
  return [x - column * right, right, 0, y - row * down, 0, down];
}

/** Returns how many ground control points a file has: tie points without a scale, of which warping makes a grid. */
export const countControlPoints = async (directory: Directory): Promise<number> =>
  Math.floor(((await directory.numbers('ModelTiepoint', 6 * MAX_TIFF_TAGS))?.length ?? 0) / 6);

async function matrix(directory: Directory): Promise<Transform | null> {
  const m = await directory.numbers('ModelTransformation', MAX_TIFF_TAGS);
  return m?.length === 16 ? [m[3]!, m[0]!, m[1]!, m[7]!, m[4]!, m[5]!] : null;
}
