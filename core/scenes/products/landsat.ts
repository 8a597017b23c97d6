import type { XmlElement } from '@rgrove/parse-xml';
import { crsNamed } from '../raster/crs.ts';
import { outlineOf } from '../raster/outline.ts';
import LANDSAT from './landsat.json' with { type: 'json' };
import { childrenOf, type Metadata, type ReadText, readMetadata, textOf } from './metadata.ts';
import type { Product, ProductAsset } from './product.ts';

const BANDS: Readonly<Record<string, Readonly<Record<string, string>>>> = LANDSAT.bands;
const OTHERS: Readonly<Record<string, { key: string; bands: { name: string }[] }>> = LANDSAT.others;

/**
 * Returns the Landsat product (Collection 2, level 1 or 2) that an MTL file describes, in XML or as text. The groups of the
 * product itself come first in it, before those of its sources:
 * https://www.usgs.gov/landsat-missions/landsat-collection-2-metadata. What it does not state, such as the values of pixels
 * without data, is in landsat.json, by USGS's data format control books (LSDS-1328, 1330, 1618, 1619).
 */
export async function landsatProduct(name: string, read: ReadText): Promise<Product> {
  const text = await read(name);
  const mtl = readMetadata(name, /^\s*</.test(text) ? text : xmlOf(text));
  const id = mtl.text('LANDSAT_PRODUCT_ID');
  if (!name.startsWith(`${id}_MTL.`)) mtl.refuse(`the scene ${id}`, 'is the one that the file is named after');
  const [code, { west, north, metres, ...size }] = [codeOf(mtl), gridOf(mtl, 'REFLECTIVE')];
  const { crs } = await crsNamed(code);
  const outline = crs && outlineOf(size, [west, metres, 0, north, 0, -metres], crs);
  const [clouds, azimuth] = [mtl.number('CLOUD_COVER'), mtl.number('SUN_AZIMUTH')];
  const [sensor, files] = [mtl.text('SENSOR_ID'), mtl.all('PRODUCT_CONTENTS').flatMap(childrenOf)];
  return {
    id,
    outline: outline ?? mtl.refuse(`a place outside of ${code}`, 'is one on earth'),
    properties: {
      datetime: mtl.time(`${mtl.text('DATE_ACQUIRED')}T${mtl.text('SCENE_CENTER_TIME')}`),
      platform: mtl.text('SPACECRAFT_ID').toLowerCase().replace('_', '-'),
      constellation: 'landsat',
      instruments: sensor.toLowerCase().replace('etm', 'etm+').split('_'),
      ...(clouds >= 0 && { 'eo:cloud_cover': clouds }), // -1 is not known
      'proj:code': code,
      'view:sun_azimuth': azimuth < 0 ? azimuth + 360 : azimuth,
      'view:sun_elevation': mtl.number('SUN_ELEVATION'),
      'landsat:wrs_path': mtl.text('WRS_PATH').padStart(3, '0'),
      'landsat:wrs_row': mtl.text('WRS_ROW').padStart(3, '0'),
      ...Object.fromEntries(Object.entries(LANDSAT.properties).map(([key, tag]) => [key, mtl.text(tag)])),
    },
    extensions: LANDSAT.extensions,
    assets: files.flatMap((entry) => assetOf(mtl, entry, sensor)),
  };
}

/** Rewrites the object description language (ODL), of which each line is a name and a value, as XML. */
function xmlOf(odl: string): string {
  const escaped = odl.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return escaped
    .replace(/^END\s*$/m, '')
    .replaceAll(/^[ \t]*(\w+)[ \t]*=[ \t]*"?(.*?)"?[ \t\r]*$/gm, (_, name: string, value: string) => {
      if (name === 'GROUP') return `<${value}>`;
      return name === 'END_GROUP' ? `</${value}>` : `<${name}>${value}</${name}>`;
    });
}

/** North of Antarctica all scenes have zones of the north, with negative northings beyond the equator. */
function codeOf(mtl: Metadata): string {
  const projection = mtl.text('MAP_PROJECTION');
  if (projection === 'UTM') return `EPSG:${32_600 + mtl.number('UTM_ZONE')}`;
  const isAntarctic = mtl.number('TRUE_SCALE_LAT') === -71 && mtl.number('VERTICAL_LON_FROM_POLE') === 0;
  if (projection === 'PS' && isAntarctic) return 'EPSG:3031';
  return mtl.refuse(`the projection ${projection}`, 'are UTM, and PS as in Antarctica (EPSG:3031)');
}

/** Returns the pixels of a kind of bands. The corner that is stated is the centre of a pixel. */
function gridOf(mtl: Metadata, kind: 'REFLECTIVE' | 'THERMAL' | 'PANCHROMATIC') {
  const metres = mtl.number(`GRID_CELL_SIZE_${kind}`);
  const [width, height] = [mtl.number(`${kind}_SAMPLES`), mtl.number(`${kind}_LINES`)];
  const west = mtl.number('CORNER_UL_PROJECTION_X_PRODUCT') - metres / 2;
  return { metres, width, height, west, north: mtl.number('CORNER_UL_PROJECTION_Y_PRODUCT') + metres / 2 };
}

function assetOf(mtl: Metadata, entry: XmlElement, sensor: string): ProductAsset[] {
  const [[, name], file] = [/^FILE_NAME_(.+)$/.exec(entry.name) ?? [], textOf(entry)];
  if (name === undefined || !/\.tif$/i.test(file)) return [];
  const other = OTHERS[name] ?? { key: name.toLowerCase(), bands: [{ name }] };
  const { key, ...about } = name.startsWith('BAND_') ? aboutBand(mtl, name, sensor) : other;
  const kind = key === 'pan' ? 'PANCHROMATIC' : key.startsWith('lwir') ? 'THERMAL' : 'REFLECTIVE';
  const data_type = mtl.text(`DATA_TYPE_${name}`).toLowerCase();
  return [{ key, files: [{ path: mtl.path(file), grid: gridOf(mtl, kind) }], about: { ...about, data_type } }];
}

/** Returns a band's key and fields. Factors of reflectance are preferred to those of radiance; some are NULL. */
function aboutBand(mtl: Metadata, name: string, sensor: string) {
  const band = name.replace(/^BAND_(ST_B)?/, '');
  const isEarly = sensor === 'MSS' && /[123]$/.test(mtl.text('SPACECRAFT_ID'));
  const common = BANDS[isEarly ? 'MSS of Landsat 1 to 3' : sensor]?.[band];
  const isStated = (one: string) => mtl.all(`${one}_MULT_${name}`).some((found) => textOf(found) !== 'NULL');
  const measure = ['REFLECTANCE', 'TEMPERATURE', 'RADIANCE'].find(isStated);
  const about = {
    name: `B${band}`,
    ...(common !== undefined && { 'eo:common_name': common }),
    ...(measure !== undefined && {
      'raster:scale': mtl.number(`${measure}_MULT_${name}`),
      'raster:offset': mtl.number(`${measure}_ADD_${name}`),
    }),
  };
  const key = common === undefined || band.includes('_') ? `b${band.toLowerCase()}` : common; // ETM+ has band 6 twice
  return { key, roles: ['data', ...(measure === undefined ? [] : [measure.toLowerCase()])], nodata: 0, bands: [about] };
}
