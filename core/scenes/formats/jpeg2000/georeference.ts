import { rangesIn } from '../../rangesIn.ts';
import { keysOfCode } from '../../raster/crs.ts';
import type { Raster } from '../../raster/raster.ts';
import { readDirectories } from '../geotiff/directories.ts';
import { readGeoKeys, readTransform } from '../geotiff/georeference.ts';
import type { Boxes } from './boxes.ts';
import { readGml } from './gml.ts';

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
