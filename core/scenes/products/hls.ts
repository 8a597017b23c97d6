import { crsNamed } from '../raster/crs.ts';
import { outlineOf } from '../raster/outline.ts';
import HLS from './hls.json' with { type: 'json' };
import { type ReadText, readMetadata } from './metadata.ts';
import type { Product } from './product.ts';

/**
 * Returns the granule of Harmonized Landsat Sentinel-2 2.0 that its metadata, `*.cmr.xml`, describe. They do not list its
 * files, which are named after it. What they do not state is in hls.json, by the user guide, as in stactools' hls:
 * https://lpdaac.usgs.gov/documents/1698/HLS_User_Guide_V2.pdf
 */
export async function hlsProduct(name: string, read: ReadText): Promise<Product> {
  const cmr = readMetadata(name, await read(name));
  const id = cmr.text('GranuleUR');
  if (`${id}.cmr.xml` !== name) cmr.refuse(`the scene ${id}`, 'is the one that the file is named after');
  const [, kind, square = ''] = /^HLS\.(L30|S30)\.T(\d\d[A-Z]{3})\.\d{7}T\d{6}\.v2\.0$/.exec(id) ?? [];
  if (kind !== 'L30' && kind !== 'S30') return cmr.refuse(`the product ${id}`, 'are L30 and S30 of version 2.0');
  const attributes = new Map(cmr.all('AdditionalAttribute').map((one) => [cmr.text('Name', one), one]));
  const number = (name: string) => cmr.number('Value', attributes.get(name) ?? cmr.refuse(`no ${name}`, 'is one'));
  const [west, north, metres] = [number('ULX'), number('ULY'), number('SPATIAL_RESOLUTION')];
  const grid = { metres, width: number('NCOLS'), height: number('NROWS'), west, north };
  const code = `EPSG:326${square.slice(0, 2)}`; // south of the equator, northings are negative
  const { crs } = await crsNamed(code);
  const outline = crs && outlineOf(grid, [west, metres, 0, north, 0, -metres], crs);
  const { instruments, bands } = HLS.products[kind];
  const measured = Object.entries(bands).map(([name, common]) => {
    const [measure, scale] = common.startsWith('lwir') ? ['temperature', 'THERM'] : ['reflectance', 'REF'];
    const factors = { 'raster:scale': number(`${scale}_SCALE_FACTOR`), 'raster:offset': number('ADD_OFFSET') };
    const about = { roles: ['data', measure], nodata: number('FILLVALUE'), data_type: 'int16' };
    return [name, { ...about, bands: [{ name, 'eo:common_name': common, ...factors }] }] as const;
  });
  const clouds = number('CLOUD_COVERAGE');
  return {
    id,
    outline: outline ?? cmr.refuse(`a place outside of ${code}`, 'is one on earth'),
    properties: {
      datetime: cmr.time(cmr.text('BeginningDateTime')),
      platform: cmr.text('ShortName', cmr.all('Platform')[0]).toLowerCase(),
      instruments,
      ...(clouds >= 0 && { 'eo:cloud_cover': clouds }),
      'proj:code': code,
      'grid:code': `MGRS-${square}`,
      'view:sun_azimuth': number('MEAN_SUN_AZIMUTH_ANGLE'),
      'view:sun_elevation': 90 - number('MEAN_SUN_ZENITH_ANGLE'),
    },
    extensions: HLS.extensions,
    assets: [...measured, ...Object.entries(HLS.others)].map(([key, about]) => {
      return { key, files: [{ path: `${id}.${key}.tif`, grid }], about };
    }),
  };
}
