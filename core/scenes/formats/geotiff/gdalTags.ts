import { isNumber } from '../../raster/nodata.ts';
import type { RasterBand } from '../../raster/raster.ts';
import { plainText } from '../../raster/xmlText.ts';

/** Parses GDAL's metadata (XML in tag 42112): each band's description, scale and offset; and when it was acquired, empty if it does not say. */
export function parseMetadata(xml: string, count: number): { bands: Omit<RasterBand, 'nodata'>[]; acquired: string } {
  let acquired = '';
  const bands = Array.from({ length: count }, (): Told => ({ description: null, scale: null, offset: null }));
  for (const [, attributes, text] of xml.matchAll(/<Item\b([^<>]*)>([^<]*)<\/Item>/g)) {
    const { name, sample, role } = Object.fromEntries(
      [...attributes!.matchAll(/\b(\w+)="([^"]*)"/g)].map(([, name, value]) => [name!, value!]),
    );
    if (name === 'ACQUISITIONDATETIME') acquired = text!; // of the domain IMAGERY
    const band = bands[Number(sample ?? Number.NaN)];
    if (band === undefined) continue;
    if (role === 'description') band.description = plainText(plainText(text!)); // GDAL escapes it twice
    if ((role === 'scale' || role === 'offset') && isNumber(text!)) band[role] = Number(text);
  }
  return { bands, acquired };
}

type Told = { -readonly [Name in 'description' | 'scale' | 'offset']: RasterBand[Name] };
