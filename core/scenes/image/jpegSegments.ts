import { NoImage } from './image.ts';

export type Frame = { readonly width: number; readonly height: number; readonly components: number };

const [TABLES, SCAN, APP1] = [0xc4, 0xda, 0xe1];

export type Segments = ReturnType<typeof segmentsOf>;

/**
 * Reads a JPEG's segments before its first scan: ITU-T T.81, annex B. Tables and the frame stay, each with its marker; application
 * segments are dropped. `scan` is the data from the start of the first scan. Throws `NoImage`.
 */
export function segmentsOf(jpeg: Uint8Array) {
  if (jpeg[0] !== 0xff || jpeg[1] !== 0xd8) throw new NoImage('does not begin as a JPEG');
  const segments: Uint8Array[] = [];
  let frame: Frame | null = null;
  let exif: Uint8Array | null = null;
  for (let at = 2; at + 4 <= jpeg.length; ) {
    if (jpeg[at] !== 0xff) throw new NoImage('is damaged: a part of its JPEG has no marker');
    const marker = jpeg[at + 1]!;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === SCAN) return { segments, frame, exif, scan: jpeg.subarray(at) };
    const length = (jpeg[at + 2]! << 8) | jpeg[at + 3]!;
    const segment = jpeg.subarray(at, at + 2 + length);
    if (length < 2 || segment.length < 2 + length) throw new NoImage('is cut short in its JPEG');
    if (marker >= 0xc0 && marker <= 0xcf && ![TABLES, 0xc8, 0xcc].includes(marker)) {
      if (marker > 0xc2) throw new NoImage(`found a JPEG whose coding is ${marker - 0xc0}, allowed are 0, 1 and 2`);
      if (length < 8 || segment[4] !== 8)
        throw new NoImage(`found a JPEG of ${segment[4]} bits a value, allowed are 8`);
      const [height, width] = [(segment[5]! << 8) | segment[6]!, (segment[7]! << 8) | segment[8]!];
      frame = { height, width, components: segment[9]! };
    }
    if (marker === APP1 && exif === null && Buffer.from(segment.subarray(4, 10)).toString('latin1') === 'Exif\0\0')
      exif = segment.subarray(4);
    if (marker < 0xe0) segments.push(segment);
    at += 2 + length;
  }
  return { segments, frame, exif, scan: null };
}

/** Counts a JPEG's scans, up to one more than allowed; scan data cannot contain a marker. */
export function countScans(scan: Uint8Array, most: number): number {
  let count = 0;
  for (let at = scan.indexOf(0xff); at >= 0 && count <= most; at = scan.indexOf(0xff, at + 1))
    if (scan[at + 1] === SCAN) count += 1;
  return count;
}
