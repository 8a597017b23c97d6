import { numberIn } from '../../numberIn.ts';
import type { RasterBand } from '../../raster/raster.ts';
import { plainText } from '../../raster/xmlText.ts';

/** Parses GDAL's metadata (XML in tag 42112): each band's description, scale and offset; when it was acquired, and each band's value where a pixel has no data, empty if it does not say. */
export function parseMetadata(xml: string, count: number) {
  let [acquired, noData] = ['', ''];
  const bands = Array.from({ length: count }, (): Told => ({ description: null, scale: null, offset: null }));
  for (const [, attributes, text] of xml.matchAll(/<Item\b([^<>]*)>([^<]*)<\/Item>/g)) {
    const { name, sample, role } = Object.fromEntries(
      [...attributes!.matchAll(/\b(\w+)="([^"]*)"/g)].map(([, name, value]) => [name!, value!]),
    );
    if (name === 'ACQUISITIONDATETIME') acquired = text!; // of the domain IMAGERY
    if (name === 'NODATA_VALUES' && sample === undefined) noData = text!;
    const band = bands[Number(sample ?? Number.NaN)];
    if (band === undefined) continue;
    if (name === 'BANDNAME') band.description ??= plainText(text!); // of GDAL's Sentinel-2, if there is no description
    if (role === 'description') band.description = plainText(plainText(text!)); // GDAL escapes it twice
    if (role === 'scale' || role === 'offset') band[role] = numberIn(text!);
  }
  const each = noData.split(' ').filter((one) => one !== '');
  return { bands, acquired, noData: each.length === count ? each : [] };
}

type Told = { -readonly [Name in 'description' | 'scale' | 'offset']: RasterBand[Name] };
