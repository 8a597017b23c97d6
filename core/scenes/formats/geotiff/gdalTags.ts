import { isNumber } from '../../raster/nodata.ts';
import type { RasterBand } from '../../raster/raster.ts';
import { plainText } from '../../raster/xmlText.ts';

/** Parses GDAL's metadata (XML in tag 42112) for each band: its description, scale and offset. */
export function parseMetadata(xml: string, bands: number): Omit<RasterBand, 'nodata'>[] {
  const found = Array.from({ length: bands }, () => ({ ...NOTHING }));
  for (const [, attributes, text] of xml.matchAll(/<Item\b([^<>]*)>([^<]*)<\/Item>/g)) {
    const { sample, role } = Object.fromEntries(
      [...attributes!.matchAll(/\b(\w+)="([^"]*)"/g)].map(([, name, value]) => [name!, value!]),
    );
    const band = found[Number(sample ?? Number.NaN)];
    if (band === undefined) continue;
    if (role === 'description') band.description = plainText(plainText(text!)); // GDAL escapes it twice
    if ((role === 'scale' || role === 'offset') && isNumber(text!)) band[role] = Number(text);
  }
  return found;
}

const NOTHING: { description: string | null; scale: number | null; offset: number | null } = {
  description: null,
  scale: null,
  offset: null,
};
