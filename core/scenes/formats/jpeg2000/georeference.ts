import { rangesIn } from '../../rangesIn.ts';
import { keysOfCode } from '../../raster/crs.ts';
import type { Raster, Transform } from '../../raster/raster.ts';
import { readDirectories } from '../geotiff/directories.ts';
import { readGeoKeys, readTransform } from '../geotiff/georeference.ts';
import type { Boxes } from './boxes.ts';

/** GeoJP2's UUID: https://web.archive.org/web/2011/http://www.lizardtech.com/download/geo/geotiff_box.txt */
const GEOJP2 = Buffer.from('b14bf8bd083d4b43a5ae8cd7d5a6ce03', 'hex');

type Georeference = Pick<Raster, 'transform' | 'geoKeys'>;

/** Returns where a JP2 lies, by its GeoJP2 box or else its GML. Throws `InvalidSceneFile` when the former is damaged. */
export async function readGeoreference(key: string, { found }: Pick<Boxes, 'found'>): Promise<Georeference> {
  for (const { type, body } of found) {
    if (type !== 'uuid' || !GEOJP2.equals(body.subarray(0, GEOJP2.length))) continue;
    const tiff = body.subarray(GEOJP2.length);
    const source = { key: `${key}: its GeoJP2`, size: tiff.length, range: rangesIn(tiff) };
    const [directory] = (await readDirectories(source)).directories;
    const geoKeys = await readGeoKeys(directory!);
    const transform = await readTransform(directory!, geoKeys);
    if (transform !== null) return { transform, geoKeys };
  }
  for (const { type, body } of found) {
    const gml = type === 'xml ' ? readGml(new TextDecoder().decode(body)) : null;
    if (gml === null) continue;
    return { transform: gml.transform, geoKeys: gml.code === null ? null : await keysOfCode(gml.code) };
  }
  return { transform: null, geoKeys: null };
}

/** Matches a tag, its attributes and the text after it, in linear time. */
const TAG = /<(?:\w+:)?(\w+)\b([^<>]*)>([^<]*)/g;

/**
 * Returns where a JP2 lies according to its GML (GMLJP2, OGC 05-047r3, 8.3): the origin of a rectified grid is the centre
 * of its first pixel, and two vectors lead to the next pixel in the row and in the column.
 * @returns null if it gives no location; `code` is the EPSG code, null if it names none
 */
export function readGml(xml: string): { transform: Transform; code: number | null } | null {
  let isGrid = false;
  let origin: number[] | undefined;
  const vectors: number[][] = [];
  let name: string | undefined;
  for (const [, tag, attributes = '', text = ''] of xml.matchAll(TAG)) {
    if (tag === 'RectifiedGrid') isGrid = true;
    const named = /\bsrsName\s*=\s*["']([^"']{1,200})["']/.exec(attributes)?.[1];
    if (named !== undefined && (isGrid || name === undefined)) name = named;
    if (!isGrid) continue;
    if (tag === 'pos' || tag === 'coordinates') origin ??= numbersIn(text);
    if (tag === 'offsetVector') vectors.push(numbersIn(text));
  }
  const [x, y] = origin ?? [];
  const [[right, rightY] = [], [down, downY] = []] = vectors;
  const numbers = [x, y, right, rightY, down, downY];
  if (!numbers.every((number) => Number.isFinite(number))) return null;
  const transform = transformOf(numbers as number[], /^(urn:|https?:)/.test(name ?? ''));
  const code = /(?:EPSG[:/#](?:[\d.]*[:/])?|#)(\d{4,5})$/i.exec(name ?? '')?.[1];
  return { transform, code: code === undefined ? null : Number(code) };
}

const numbersIn = (text: string): number[] =>
  text
    .trim()
    .split(/[\s,]+/, 4)
    .map(Number);

/**
 * Builds the transform. A system's full name asks for its own axis order, in which northings may come first. In an image
 * that is not rotated, that shows as vectors along the other axes.
 */
function transformOf(numbers: readonly number[], hasOwnOrder: boolean): Transform {
  let [x, y, right, rightY, down, downY] = numbers as [number, number, number, number, number, number];
  if (hasOwnOrder && right === 0 && downY === 0)
    [x, y, right, rightY, down, downY] = [y, x, rightY, right, downY, down];
  return [x - (right + down) / 2, right, down, y - (rightY + downY) / 2, rightY, downY];
}
