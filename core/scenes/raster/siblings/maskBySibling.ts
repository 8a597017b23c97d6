import { InvalidSceneFile, insteadOf, ObjectTooLarge } from '../../../base/errors.ts';
import { MAX_MASK_FILE_BYTES } from '../../../base/limits.ts';
import type { ReadSibling } from '../../../base/objectStore.ts';
import { rangesIn } from '../../rangesIn.ts';
import { makeRasterValues, type Raster, type RasterLimits } from '../raster.ts';
import { siblingsOf } from './names.ts';

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
