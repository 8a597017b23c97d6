import type { XmlElement } from '@rgrove/parse-xml';
import { listed } from '../../base/errors.ts';
import { outlineThrough } from './footprint.ts';
import { type Metadata, type ReadText, readMetadata, textOf } from './metadata.ts';
import type { Product, ProductAsset } from './product.ts';
import SENTINEL_2 from './sentinel2.json' with { type: 'json' };

/** The end of an image's name, such as `_B02_10m` in L2A and `_B02` in L1C. */
const IMAGE = /_([A-Z\d]{3})(?:_(\d\d)m)?$/;

const IMAGES: Readonly<Record<string, { key: string; metres: number; bands: { name: string }[] }>> = SENTINEL_2.images;

/** Reads a SAFE folder of Sentinel-2, L1C or L2A, of one tile: https://sentiwiki.copernicus.eu/web/s2-products */
export async function sentinel2Product(name: string, read: ReadText): Promise<Product> {
  const scene = readMetadata(name, await read(name));
  const images = scene.all('IMAGE_FILE').map((image) => scene.path(textOf(image)));
  const [granule, ...more] = new Set(images.map((path) => path.split('/').slice(0, 2).join('/')));
  if (granule === undefined || more.length > 0)
    return scene.refuse(
      granule === undefined ? 'no IMAGE_FILE' : `the granules ${listed([granule, ...more])}`,
      'is one, as IMAGE_FILE names it since December 2016 (in L2A: since PSD 14.5 of late 2018)',
    );
  const tile = readMetadata(`${granule}/MTD_TL.xml`, await read(`${granule}/MTD_TL.xml`));
  const [id, expected] = [tile.text('TILE_ID'), scene.all('Granule')[0]?.attributes['granuleIdentifier']];
  const [, square] = /_T(\d\d[A-Z]{3})_/.exec(id) ?? [];
  if (id !== expected) tile.refuse(`the tile ${id}`, `is that of ${name}, ${expected}`);
  const code = tile.text('HORIZONTAL_CS_CODE');
  if (!/^EPSG:32[67](0[1-9]|[1-5]\d|60)$/.test(code) || code.slice(-2) !== square?.slice(0, 2))
    tile.refuse(
      `the system ${code} of the square ${square}`,
      "is the square's zone of UTM, such as EPSG:32633 of 33UWP",
    );
  const [sun] = tile.all('Mean_Sun_Angle');
  const [zenith, azimuth] = [Number(tile.text('ZENITH_ANGLE', sun)), Number(tile.text('AZIMUTH_ANGLE', sun))];
  return {
    id: scene.path(scene.text('PRODUCT_URI').replace(/\.SAFE$/, '')).replaceAll('/', '_'),
    outline: outlineThrough(scene.numbers('EXT_POS_LIST'), scene),
    properties: {
      datetime: scene.time(scene.text('PRODUCT_START_TIME')),
      platform: scene.text('SPACECRAFT_NAME').toLowerCase(),
      constellation: 'sentinel-2',
      instruments: ['msi'],
      'eo:cloud_cover': scene.number('Cloud_Coverage_Assessment'),
      'proj:code': code,
      'grid:code': `MGRS-${square}`,
      // Some state NaN.
      ...(Number.isFinite(azimuth + zenith) && { 'view:sun_azimuth': azimuth, 'view:sun_elevation': 90 - zenith }),
      's2:mgrs_tile': square,
      's2:processing_baseline': scene.text('PROCESSING_BASELINE'),
      's2:product_uri': scene.text('PRODUCT_URI'),
    },
    extensions: SENTINEL_2.extensions,
    assets: assetsOf(scene, tile, images),
  };
}

function assetsOf(scene: Metadata, tile: Metadata, paths: readonly string[]): ProductAsset[] {
  const ending = scene.all('Granule')[0]?.attributes['imageFormat'] === 'GeoTIFF' ? 'tif' : 'jp2';
  const files = paths.flatMap((path) => {
    const [, name = '', metres] = IMAGE.exec(path) ?? [];
    const image = IMAGES[name];
    if (image === undefined) return [];
    return [{ name, path: `${path}.${ending}`, grid: gridOf(tile, Number(metres ?? image.metres)) }];
  });
  files.sort((a, b) => a.grid.metres - b.grid.metres);
  const special = scene.all('Special_Values').find((one) => scene.text('SPECIAL_VALUE_TEXT', one) === 'NODATA');
  const nodata = scene.number('SPECIAL_VALUE_INDEX', special);
  return [...Map.groupBy(files, ({ name }) => name)].map(([name, ofName]) => {
    const { key, metres: _, bands, ...about } = IMAGES[name]!;
    const factors = factorsOf(scene, name);
    return { key, files: ofName, about: { ...about, nodata, bands: bands.map((band) => ({ ...band, ...factors })) } };
  });
}

function gridOf(tile: Metadata, metres: number) {
  const of = (name: string) =>
    tile.all(name).find(({ attributes }) => attributes['resolution'] === String(metres)) ??
    tile.refuse(`no ${name} of ${metres} m`, 'is one for each resolution');
  const [size, place] = [of('Size'), of('Geoposition')];
  const [width, height] = [tile.number('NCOLS', size), tile.number('NROWS', size)];
  return { metres, width, height, west: tile.number('ULX', place), north: tile.number('ULY', place) };
}

/** Returns what makes reflectance, thickness or vapour of values. Offsets came with baseline 04.00. */
function factorsOf(scene: Metadata, name: string) {
  if (name === 'SCL' || name === 'TCI') return {};
  const isL2A = scene.all('BOA_QUANTIFICATION_VALUE').length > 0;
  const kind = name.startsWith('B') ? (isL2A ? 'BOA_' : '') : `${name}_`;
  const divisor = scene.number(`${kind}QUANTIFICATION_VALUE`);
  if (divisor <= 0) scene.refuse(`${divisor} as ${kind}QUANTIFICATION_VALUE`, 'is a number above 0');
  const offsets = scene.all(isL2A ? 'BOA_ADD_OFFSET' : 'RADIO_ADD_OFFSET');
  if (!name.startsWith('B') || offsets.length === 0) return { 'raster:scale': 1 / divisor, 'raster:offset': 0 };
  const isOwn = ({ attributes: { physicalBand = '' } }: XmlElement) => physicalBand.replace(/^B(\d)$/, 'B0$1') === name;
  const id = scene.all('Spectral_Information').find(isOwn)?.attributes['bandId'];
  const own = offsets.find(({ attributes }) => attributes['band_id'] === id);
  if (own === undefined) return scene.refuse(`no offset of ${name}`, 'is one for each band, or none at all');
  return { 'raster:scale': 1 / divisor, 'raster:offset': scene.numberOf('offset', textOf(own)) / divisor };
}
