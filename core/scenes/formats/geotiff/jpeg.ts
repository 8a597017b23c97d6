import { NoImage } from '../../image/image.ts';
import { type Frame, segmentsOf } from '../../image/jpegSegments.ts';
import { decodeMozjpeg } from '../../image/mozjpeg.ts';
import { splitJpeg } from './splitJpeg.ts';

type Check = (frame: Frame) => void;

/**
 * Decodes a JPEG-in-TIFF block (Technical Note 2 to TIFF 6.0): tables may be stored once for all blocks, and the TIFF, not
 * the JPEG, decides whether three components are YCbCr.
 * @param tables a JPEG with only tables; null if each block has its own
 * @param check throws if an image of that size cannot be this block, before anything is allocated for it
 * @returns rows of bytes, pixel-interleaved
 * @throws {NoImage} when the block cannot be decoded
 */
export async function decodeJpeg(block: Uint8Array, tables: Uint8Array | null, isYcbcr: boolean, check: Check) {
  const shared = tables === null ? [] : segmentsOf(tables).segments;
  const { segments, frame, scan } = segmentsOf(block);
  if (frame === null || scan === null) throw new NoImage('has no picture in its JPEG');
  check(frame);
  if (frame.components !== 1 && frame.components !== 3) {
    const values = new Uint8Array(frame.width * frame.height * frame.components);
    for (const [band, jpeg] of splitJpeg({ segments, frame, scan, exif: null }, shared).entries()) {
      const plane = await decodeMozjpeg(jpeg, { ...frame, components: 1 });
      for (let i = 0; i < plane.length; i += 1) values[i * frame.components + band] = plane[i]!;
    }
    return { frame, values };
  }
  const jpeg = new Uint8Array(Buffer.concat([START, isYcbcr ? YCBCR : AS_THEY_ARE, ...shared, ...segments, scan]));
  return { frame, values: await decodeMozjpeg(jpeg, frame) };
}

const START = Uint8Array.of(0xff, 0xd8);
/** Adobe's marker, from which libjpeg takes whether three components are YCbCr: its last byte says so. */
const ADOBE = [0xff, 0xee, 0, 14, ...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0];
const YCBCR = Uint8Array.from([...ADOBE, 1]);
const AS_THEY_ARE = Uint8Array.from([...ADOBE, 0]);
