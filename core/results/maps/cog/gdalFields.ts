import { printable } from '../../../base/text/printable.ts';
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
function item(attributes: string, value: string): string {
  return `  <Item ${attributes}>${xmlText(xmlText(value))}</Item>\n`;
}

const ESCAPES: { readonly [character: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Escapes XML text. XML cannot hold control characters in any form, so they are spelled out. */
export function xmlText(text: string): string {
  return printable(text).replace(/[&<>"]/g, (character) => ESCAPES[character]!);
}

/** Returns the nodata value as GDAL writes it, in its tag 42113. */
export function nodataFields(nodata: number | null): Field[] {
  if (nodata === null) return [];
  const text = Number.isNaN(nodata) ? 'nan' : Number.isFinite(nodata) ? String(nodata) : nodata > 0 ? 'inf' : '-inf';
  return [{ tag: 'GdalNodata', type: 'ascii', text }];
}
