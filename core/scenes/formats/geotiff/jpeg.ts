import { NoImage } from '../../image/image.ts';
import { segmentsOf } from '../../image/jpegSegments.ts';
import { decodeMozjpeg } from '../../image/mozjpeg.ts';
import { bandsInBlock } from '../../raster/blocks.ts';
import { type Layout, PHOTOMETRIC } from './layout.ts';
import { splitJpeg } from './splitJpeg.ts';

/**
 * Decodes a JPEG-in-TIFF block (Technical Note 2 to TIFF 6.0): tables may be stored once for all blocks, and the TIFF, not
 * the JPEG, decides whether three components are YCbCr.
 * @returns rows of bytes, pixel-interleaved
 * @throws {NoImage} when the block cannot be decoded
 */
export async function decodeJpeg(layout: Layout, rows: number, block: Uint8Array): Promise<Uint8Array> {
  const { blockWidth, blockHeight, jpegTables, photometric } = layout;
  const components = bandsInBlock(layout);
  const shared = jpegTables === null ? [] : segmentsOf(jpegTables).segments;
  const { segments, frame, scan } = segmentsOf(block);
  if (frame === null || scan === null) throw new NoImage('has no picture in its JPEG');
  const fits = frame.width === blockWidth && frame.height >= rows && frame.height <= blockHeight;
  if (!fits || frame.components !== components)
    throw new NoImage(
      `found a JPEG of ${frame.width} × ${frame.height} pixels and ${frame.components} components, allowed are ${blockWidth} × ${rows} and ${components}`,
    );
  const bytes = rows * blockWidth * components;
  if (components !== 1 && components !== 3) {
    const values = new Uint8Array(blockWidth * frame.height * components);
    for (const [band, jpeg] of splitJpeg({ segments, frame, scan, exif: null }, shared).entries()) {
      const plane = await decodeMozjpeg(jpeg, { ...frame, components: 1 });
      for (let i = 0; i < plane.length; i += 1) values[i * components + band] = plane[i]!;
    }
    return values.subarray(0, bytes);
  }
  const jpeg = new Uint8Array(
    Buffer.concat([START, photometric === PHOTOMETRIC.ycbcr ? YCBCR : AS_THEY_ARE, ...shared, ...segments, scan]),
  );
  return (await decodeMozjpeg(jpeg, frame)).subarray(0, bytes);
}

const START = Uint8Array.of(0xff, 0xd8);
/** Adobe's marker, from which libjpeg takes whether three components are YCbCr: its last byte says so. */
const ADOBE = [0xff, 0xee, 0, 14, ...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0];
const YCBCR = Uint8Array.from([...ADOBE, 1]);
const AS_THEY_ARE = Uint8Array.from([...ADOBE, 0]);
