import { InvalidSceneFile, insteadOf } from '../../base/errors.ts';
import { type OpenRaster, type RasterFormat, rasterFormat } from '../raster/rasterFormat.ts';
import { type Image, NoImage, rasterOf } from './image.ts';

/** Decodes an image; `check` throws for too many pixels or bytes before any is allocated. Throws `NoImage`. */
export type DecodeImage = (
  file: Uint8Array,
  check: (size: { width: number; height: number; bytes: number }) => void,
) => Promise<Image>;

/** Makes a format of images that can only be decoded as a whole: each is a raster, and in memory until it is cut. */
export function imageFormat(name: string, sniff: (head: Uint8Array) => boolean, decode: DecodeImage): RasterFormat {
  const openImage: OpenRaster = async ({ key, size, range }, { maxBlockBytes }) => {
    if (size > maxBlockBytes) throw tooLarge(`${key}: found ${size} bytes`, maxBlockBytes);
    const decoded = decode(await range(0, size), ({ width, height, bytes }) => {
      if (width < 1 || height < 1) throw new NoImage(`found ${width} × ${height} pixels, allowed are 1 × 1 and more`);
      if (bytes > maxBlockBytes)
        throw tooLarge(`${key}: found ${width} × ${height} pixels, ${bytes} bytes as they are decoded`, maxBlockBytes);
    });
    const invalid = (cause: NoImage) => new InvalidSceneFile(`${key}: ${cause.message}`, { cause });
    return decoded.then(rasterOf).catch(insteadOf(NoImage, invalid));
  };
  return rasterFormat(name, (head) => (sniff(head) ? 'yes' : 'no'), openImage, { isFromFront: true });
}

const tooLarge = (found: string, most: number): InvalidSceneFile =>
  new InvalidSceneFile(
    `${found}, which are held in memory whole, allowed are at most ${most} (the parameter maxRecordBytes). Reduce it, or send a scene as a GeoTIFF, which is read block by block: gdal_translate -co TILED=YES -co COMPRESS=ZSTD in out.tif`,
  );
