import { cited } from '../../base/text/cited.ts';

/**
 * Describes the start of an unexpected file for an error message: its bytes as text with all but plain characters escaped,
 * and the format they suggest: `“\x89PNG\x0d\x0a\x1a\x0a”, like a PNG image`.
 */
export function describeStart(start: Uint8Array): string {
  const text = String.fromCharCode(...start.subarray(0, 16));
  const seen = text.replace(
    /[^ -~]|["\\]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  const format = signatures.find(([signature]) => text.startsWith(signature))?.[1] ?? (plain.test(text) ? 'text' : '');
  const like = unreadPicture(start) ?? format;
  return cited(seen) + (like && `, like ${like}`);
}

/** Names a picture of a format that is not read, with what to do; undefined for any other file. */
export function unreadPicture(start: Uint8Array): string | undefined {
  const text = String.fromCharCode(...start.subarray(0, 16));
  return unreadPictures.find(([signature]) => signature.test(text))?.[1];
}

/** From each format's specification; one character stands for one byte. */
const signatures: [signature: string, format: string][] = [
  ['\x89PNG', 'a PNG image'],
  ['\xff\xd8\xff', 'a JPEG image'],
  ['II*\0', 'a TIFF image'],
  ['MM\0*', 'a TIFF image'],
  ['II+\0', 'a BigTIFF image'],
  ['MM\0+', 'a BigTIFF image'],
  ['\x89HDF', 'an HDF5 file'],
  ['\x93NUMPY', 'a NumPy file'],
  ['PAR1', 'a Parquet file'],
  ['PK\x03\x04', 'a zip archive'],
  ['\x1f\x8b', 'gzip'],
  ['\x78\x01', 'zlib'],
  ['\x78\x5e', 'zlib'],
  ['\x78\x9c', 'zlib'],
  ['\x78\xda', 'zlib'],
  ['\xef\xbb\xbf', 'text'],
];

/** The brands of HEIF's images: https://nokiatech.github.io/heif/technical.html */
const unreadPictures: [signature: RegExp, format: string][] = [
  [/^GIF8/, 'a GIF image. Save one of its pictures as PNG'],
  [/^BM[\s\S]{4}\0{4}/, 'a BMP image. Save it as PNG'],
  [/^[\s\S]{4}ftypavi[fs]/, 'an AVIF photo. Convert it to JPEG (heif-convert in.avif out.jpg)'],
  [
    /^[\s\S]{4}ftyp(heic|heix|heim|heis|hevc|hevx|mif1|msf1)/,
    'a HEIC photo. Convert it to JPEG (heif-convert in.heic out.jpg), or let the phone take JPEG (iPhone: Settings, Camera, Formats, Most Compatible)',
  ],
];

const plain = /^[\t\n\r -~]+$/;
