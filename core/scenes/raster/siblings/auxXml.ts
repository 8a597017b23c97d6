import { InvalidSceneFile } from '../../../base/errors.ts';
import type { TimeTold } from '../../../base/time/acquired.ts';
import type { Transform } from '../raster.ts';
import { plainText } from '../xmlText.ts';

const TIMES = ['ACQUISITIONDATETIME', 'TIFFTAG_DATETIME'] as const;

/** Matches a tag and the text after it, in linear time. */
const TAG = /<(\/?)(\w+)\b([^<>]*)>([^<]*)/g;

export type AuxXml = ReturnType<typeof parseAuxXml>;

/**
 * Reads what GDAL's `.aux.xml` (PAM) says about an image that lacks it, null for what it does not say: the location, with the CRS as
 * well-known text, by band index the nodata values, as written, and when it was acquired. https://gdal.org/en/stable/drivers/raster/pam.html
 * @throws {InvalidSceneFile} the message begins with `where`
 */
export function parseAuxXml(where: string, xml: string) {
  let transform: Transform | null = null;
  const times: TimeTold[] = [];
  let crs: string | null = null;
  const nodata = new Map<number, string>();
  let controlPoints = 0;
  let band: number | undefined;
  for (const [, slash, name, attributes = '', text = ''] of xml.matchAll(TAG)) {
    const isEnd = slash === '/';
    if (name === 'PAMRasterBand') band = isEnd ? undefined : Number(/\bband="(\d+)"/.exec(attributes)?.[1]) - 1;
    if (name === 'GCP' && !isEnd) controlPoints += 1;
    if (isEnd || text.trim() === '') continue;
    if (name === 'NoDataValue' && band !== undefined) nodata.set(band, text);
    if (name === 'MDI' && band === undefined)
      for (const by of TIMES) if (attributes.includes(`key="${by}"`)) times.push({ by, start: text });
    if (name === 'SRS') crs = plainText(text).trim();
    if (name === 'GeoTransform') transform = transformIn(where, text);
  }
  return { transform, crs, controlPoints, nodata, times };
}

function transformIn(where: string, text: string): Transform {
  const numbers = text.split(',').map((number) => (number.trim() === '' ? Number.NaN : Number(number)));
  if (numbers.length !== 6 || !numbers.every(Number.isFinite))
    throw new InvalidSceneFile(
      `${where}: found an invalid GeoTransform, allowed are six numbers separated by commas. Fix or remove the file.`,
    );
  return numbers as unknown as Transform;
}
