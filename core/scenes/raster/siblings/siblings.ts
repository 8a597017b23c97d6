import { InvalidSceneFile, insteadOf, ObjectTooLarge } from '../../../base/errors.ts';
import { MAX_MASK_FILE_BYTES, MAX_SIBLING_BYTES } from '../../../base/limits.ts';
import type { ReadSibling } from '../../../base/objectStore.ts';
import type { TimeTold } from '../../../base/time/acquired.ts';
import { rangesIn } from '../../rangesIn.ts';
import { keysNamed } from '../crs.ts';
import { parseNodata } from '../nodata.ts';
import { makeRasterValues, type Raster, type RasterLimits, type Transform } from '../raster.ts';
import { markData } from '../windows.ts';
import { plainText } from '../xmlText.ts';
import { siblingsOf } from './names.ts';

/**
 * Completes a raster that is not georeferenced with what the small files beside it say: its location, nodata values and time. The
 * files are requested concurrently, and not at all for a raster that is georeferenced.
 *
 * Band descriptions are not taken from there: a chip that is read again for its picture is read from the image alone.
 *
 * @throws {InvalidSceneFile} when a sibling is damaged or too large
 */
export async function placeBySiblings(key: string, raster: Raster, readSibling: ReadSibling): Promise<Raster> {
  if (raster.transform !== null && raster.geoKeys !== null) return raster;
  const names = siblingsOf(key);
  const files = [names.aux, ...names.worldFiles];
  const [aux, ...worldFiles] = await Promise.all(files.map((name) => textOf(name, readSibling)));
  const said = aux == null ? null : parseAuxXml(names.aux, aux);
  const found = worldFiles.findIndex((text) => text !== null);
  const stored = said?.transform ?? (found < 0 ? null : parseWorldFile(names.worldFiles[found]!, worldFiles[found]!));
  const transform = raster.transform ?? (raster.isTurned ? null : stored);
  return {
    ...raster,
    ...(said !== null && { ...withNodata(raster, said.nodata), times: [...(raster.times ?? []), ...said.times] }),
    transform,
    ...(transform === null && { controlPoints: raster.controlPoints || (said?.controlPoints ?? 0) }),
    geoKeys: raster.geoKeys ?? (said?.crs ? await keysNamed(said.crs) : null),
  };
}

async function textOf(key: string, readSibling: ReadSibling): Promise<string | null> {
  const message = `${key}: found more than ${MAX_SIBLING_BYTES} bytes beside its image, which is the limit. Remove or shorten it.`;
  const tooLarge = insteadOf(ObjectTooLarge, (cause) => new InvalidSceneFile(message, { cause }));
  const bytes = await readSibling(key).catch(tooLarge);
  return bytes && new TextDecoder().decode(bytes);
}

/** Applies nodata values, given per band index as GDAL writes them, to a raster. A mask, and a band's own, take precedence. */
export function withNodata(
  { bands, type, read, hasMask }: Raster,
  nodata: ReadonlyMap<number, string | null | undefined>,
): Pick<Raster, 'bands' | 'read'> | undefined {
  const described = bands.map((band, i) => {
    const written = nodata.get(i);
    return written == null || band.nodata !== null ? band : { ...band, nodata: parseNodata(written, type) };
  });
  if (hasMask || described.every((band, i) => band === bands[i])) return undefined;
  return {
    bands: described,
    async read(window, wanted, into) {
      const { valid } = await read(window, wanted, into);
      if (wanted.some((band) => described[band]!.nodata === null)) return { valid };
      const found = new Uint8Array(window.width * window.height);
      for (const [i, band] of wanted.entries()) markData(type, into[i]!, described[band]!.nodata!, found);
      if (valid !== null) for (let i = 0; i < found.length; i += 1) found[i]! &= valid[i]!;
      return { valid: found.includes(0) ? found : null };
    },
  };
}

/**
 * Parses a world file: six numbers, one per line, the last two of which are the centre of the top-left pixel.
 * https://gdal.org/en/stable/drivers/raster/wld.html
 * @throws {InvalidSceneFile} the message begins with `where`
 */
function parseWorldFile(where: string, text: string): Transform {
  const lines = text.split(/\r\n|\r|\n/, 20).filter((line) => line.trim() !== '');
  const [right, rightY, down, downY, x, y] = sixNumbers(where, 'world file', ', one per line', lines);
  return [x - (right + down) / 2, right, down, y - (rightY + downY) / 2, rightY, downY];
}

const TIMES = ['ACQUISITIONDATETIME', 'TIFFTAG_DATETIME'] as const;

/** Matches a tag and the text after it, in linear time. */
const TAG = /<(\/?)(\w+)\b([^<>]*)>([^<]*)/g;

/**
 * Reads what GDAL's `.aux.xml` (PAM) says about an image that lacks it, null for what it does not say: the location, with the CRS as
 * well-known text, by band index the nodata values, as written, and when it was acquired. https://gdal.org/en/stable/drivers/raster/pam.html
 * @throws {InvalidSceneFile} the message begins with `where`
 */
function parseAuxXml(where: string, xml: string) {
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
    if (name === 'GeoTransform') transform = sixNumbers(where, name, ' separated by commas', text.split(','));
  }
  return { transform, crs, controlPoints, nodata, times };
}

/** Returns the six numbers of what a file states. Throws `InvalidSceneFile` for anything else. */
function sixNumbers(where: string, what: string, how: string, texts: readonly string[]): Transform {
  const numbers = texts.map((text) => (text.trim() === '' ? Number.NaN : Number(text.replace(',', '.'))));
  if (numbers.length === 6 && numbers.every(Number.isFinite)) return numbers as unknown as Transform;
  throw new InvalidSceneFile(
    `${where}: found an invalid ${what}, allowed are six numbers${how}. Fix or remove the file.`,
  );
}

/**
 * Applies the mask that GDAL writes beside a raster, `a.tif.msk`, unless the raster has one inside: a TIFF of one band for
 * all bands, or with one for each. As GDAL has it, nodata values and alpha then count no more.
 * @throws {InvalidSceneFile} when it does not fit, is damaged or too large
 */
export async function maskBySibling(
  key: string,
  raster: Raster,
  readSibling: ReadSibling,
  limits: RasterLimits,
): Promise<Raster> {
  if (raster.hasMask === true) return raster;
  const name = siblingsOf(key).mask;
  const message = `${name}: found a mask of more than ${MAX_MASK_FILE_BYTES} bytes, which is the limit. Write it compressed, without overviews.`;
  const tooLarge = insteadOf(ObjectTooLarge, (cause) => new InvalidSceneFile(message, { cause }));
  const file = await readSibling(name, MAX_MASK_FILE_BYTES).catch(tooLarge);
  if (file === null) return raster;
  const { openGeoTiff } = await import('../../formats/geotiff/geotiff.ts');
  const mask = await openGeoTiff({ key: name, size: file.length, range: rangesIn(file) }, limits);
  const { width, height } = raster;
  const ofEach = mask.bands.length > 1;
  if (mask.width !== width || mask.height !== height || (ofEach && mask.bands.length !== raster.bands.length))
    throw new InvalidSceneFile(
      `${name}: found a mask of ${mask.width} × ${mask.height} pixels and ${mask.bands.length} bands, allowed is one of the picture's ${width} × ${height} pixels, of 1 band or of its ${raster.bands.length}. Remove it, or write it anew with the picture.`,
    );
  if (raster.isTurned)
    throw new InvalidSceneFile(
      `${name}: found a mask beside a picture that its EXIF data turn, allowed is one beside a picture that is stored upright. Store it upright.`,
    );
  return {
    ...raster,
    hasMask: true,
    async read(window, bands, into) {
      await raster.read(window, bands, into);
      const wanted = ofEach ? bands : [0];
      const planes = wanted.map(() => makeRasterValues(mask.type, window.width * window.height));
      await mask.read(window, wanted, planes);
      const valid = new Uint8Array(window.width * window.height);
      for (const plane of planes) for (let i = 0; i < valid.length; i += 1) if (plane[i]! > 0) valid[i] = 1;
      return { valid: valid.includes(0) ? valid : null };
    },
  };
}
