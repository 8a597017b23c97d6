import { printable } from '../../../base/text/printable.ts';
import { GEO_TAGS, type GeoKeys, type Transform } from '../../../scenes/raster/raster.ts';
import type { CogSpec } from './cogSpec.ts';
import type { Field } from './directory.ts';

/** Returns GDAL's own metadata of bands and dataset, as XML (tag 42112); none if there is nothing to say. */
export function metadataFields({ bands, metadata = {} }: CogSpec): Field[] {
  const items = Object.entries(metadata).map(([name, value]) => item(`name="${xmlText(name)}"`, value));
  for (const [i, { description, scale, offset }] of bands.entries()) {
    if (description !== '') items.push(item(`name="DESCRIPTION" sample="${i}" role="description"`, description));
    if (offset !== undefined) items.push(item(`name="OFFSET" sample="${i}" role="offset"`, String(offset)));
    if (scale !== undefined) items.push(item(`name="SCALE" sample="${i}" role="scale"`, String(scale)));
  }
  if (items.length === 0) return [];
  return [{ tag: 'GdalMetadata', type: 'ascii', text: `<GDALMetadata>\n${items.join('')}</GDALMetadata>\n` }];
}

/** Escapes a value twice, because GDAL unescapes it as XML and then again (GTiffDataset::LoadMetadata). */
const item = (attributes: string, value: string): string => `  <Item ${attributes}>${xmlText(xmlText(value))}</Item>\n`;

const ESCAPES: { readonly [character: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Escapes XML text. XML cannot hold control characters in any form, so they are spelled out. */
export const xmlText = (text: string): string => printable(text).replace(/[&<>"]/g, (character) => ESCAPES[character]!);

/** Returns the nodata value as GDAL writes it, in its tag 42113. */
export function nodataFields(nodata: number | null): Field[] {
  if (nodata === null) return [];
  const text = Number.isNaN(nodata) ? 'nan' : Number.isFinite(nodata) ? String(nodata) : nodata > 0 ? 'inf' : '-inf';
  return [{ tag: 'GdalNodata', type: 'ascii', text }];
}

/** GTRasterTypeGeoKey, and its value for coordinates that refer to pixel centres. */
const [RASTER_TYPE, PIXEL_IS_POINT] = [1025, 2];

/** Returns the GeoTIFF tags (OGC 19-008r4) for a transform relative to pixel corners, and for the GeoKeys of the source. */
export function geoFields(transform: Transform | null, geoKeys: GeoKeys | null): Field[] {
  const place = transform === null ? [] : placeFields(fromTiePoint(transform, geoKeys));
  return geoKeys === null || Object.keys(geoKeys).length === 0 ? place : [...place, ...keyFields(geoKeys)];
}

/** If coordinates refer to centres, shifts the origin from the first pixel's corner to its centre. */
function fromTiePoint([x, right, down, y, rightY, downY]: Transform, geoKeys: GeoKeys | null): Transform {
  if (geoKeys?.[RASTER_TYPE] !== PIXEL_IS_POINT) return [x, right, down, y, rightY, downY];
  return [x + (right + down) / 2, right, down, y + (rightY + downY) / 2, rightY, downY];
}

/** Like GDAL: a scale and a tie point if north is up, else a matrix. */
function placeFields([x, right, down, y, rightY, downY]: Transform): Field[] {
  if (right > 0 && downY < 0 && down === 0 && rightY === 0)
    return [
      { tag: 'ModelPixelScale', type: 'double', values: [right, -downY, 0] },
      { tag: 'ModelTiepoint', type: 'double', values: [0, 0, 0, x, y, 0] },
    ];
  const values = [right, down, 0, x, rightY, downY, 0, y, 0, 0, 0, 0, 0, 0, 0, 1];
  return [{ tag: 'ModelTransformation', type: 'double', values }];
}

/** Whether a key's value is always a double, even if integral: OGC 19-008r4, section 7.1, and CoordinateEpochGeoKey. */
const isDouble = (key: number): boolean =>
  [2053, 2055, 2057, 2058, 2059, 2061, 2062, 5120].includes(key) || (key >= 3077 && key <= 3096);

const [ASCII_PARAMS, DOUBLE_PARAMS] = [34737, 34736];

function keyFields(geoKeys: GeoKeys): Field[] {
  const [directory, numbers, texts] = GEO_TAGS.map((tag) => geoKeys[tag]);
  if (typeof directory === 'object' && directory.every(isShort)) return tagFields(directory, numbers, texts);
  const entries: number[] = [];
  const doubles: number[] = [];
  let text = '';
  // Integer property names iterate in ascending order, which GeoTIFF requires.
  for (const [name, value] of Object.entries(geoKeys)) {
    const key = Number(name);
    if (typeof value === 'string') {
      entries.push(key, ASCII_PARAMS, value.length + 1, text.length);
      text += `${value}|`;
    } else if (typeof value === 'number' && !isDouble(key) && isShort(value)) entries.push(key, 0, 1, value);
    else {
      const numbers = typeof value === 'number' ? [value] : value;
      entries.push(key, DOUBLE_PARAMS, numbers.length, doubles.length);
      doubles.push(...numbers);
    }
  }
  return tagFields([1, 1, 0, entries.length / 4, ...entries], doubles, text);
}

function tagFields(directory: readonly number[], doubles: GeoKeys[number] = [], text: GeoKeys[number] = ''): Field[] {
  const fields: Field[] = [{ tag: 'GeoKeyDirectory', type: 'short', values: directory }];
  if (typeof doubles === 'object' && doubles.length > 0)
    fields.push({ tag: 'GeoDoubleParams', type: 'double', values: doubles });
  if (typeof text === 'string' && text !== '')
    fields.push({ tag: 'GeoAsciiParams', type: 'ascii', text: Buffer.from(text, 'latin1') });
  return fields;
}

const isShort = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 65_535;
