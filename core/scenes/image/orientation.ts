import type { Image } from './image.ts';

/** EXIF's tags: how an image is to be rotated for display, where the rest of EXIF is, when the picture was taken, and in which zone. */
const [ORIENTATION, EXIF, TAKEN, ZONE] = [0x0112, 0x8769, 0x9003, 0x9011];
const [ASCII, SHORT, LONG] = [2, 3, 4];

/** Rotates an image as EXIF's TIFF says, with or without the word before it, and dates it. Damaged data state nothing, as in Pillow. */
export function asExifSays(image: Image, exif: Uint8Array | null): Image {
  if (exif === null) return image;
  const hasWord = Buffer.from(exif.subarray(0, 6)).toString('latin1') === 'Exif\0\0';
  const tiff = Buffer.from(exif.subarray(hasWord ? 6 : 0));
  const order = tiff.toString('latin1', 0, 2);
  if (tiff.length < 8 || (order !== 'II' && order !== 'MM')) return image;
  const short = (at: number) => (order === 'II' ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const long = (at: number) => (order === 'II' ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  const find = (start: number, tag: number, type: number): number | undefined => {
    const count = start + 2 > tiff.length ? 0 : short(start);
    for (let at = start + 2, i = 0; i < count && at + 12 <= tiff.length; at += 12, i += 1)
      if (short(at) === tag && short(at + 2) === type) return at + 8;
    return undefined;
  };
  const [turn, rest] = [find(long(4), ORIENTATION, SHORT), find(long(4), EXIF, LONG)];
  const text = (tag: number, letters: number): string => {
    const at = rest && find(long(rest), tag, ASCII);
    return at ? tiff.toString('latin1', long(at), long(at) + letters) : '';
  };
  const [, taken] =
    /^([12]\d{3}(?::\d\d){2} \d\d(?::\d\d){2}(?:[+-]\d\d:\d\d)?)/.exec(text(TAKEN, 19) + text(ZONE, 6)) ?? [];
  const orientation = turn === undefined ? 1 : short(turn);
  return turned(taken ? { ...image, taken } : image, orientation > 8 ? 1 : orientation || 1);
}

function turned(image: Image, orientation: number): Image {
  if (orientation === 1) return image;
  // Whether rows become columns, and whether the stored image is then read from the right and from the bottom.
  const isTransposed = orientation >= 5;
  const [isFromRight, isFromBottom] = [[2, 3, 7, 8].includes(orientation), [3, 4, 6, 7].includes(orientation)];
  const [width, height] = isTransposed ? [image.height, image.width] : [image.width, image.height];
  const [across, down] = [isFromRight ? -1 : 1, isFromBottom ? -image.width : image.width];
  const first = (isFromRight ? image.width - 1 : 0) + (isFromBottom ? (image.height - 1) * image.width : 0);
  const [right, below] = isTransposed ? [down, across] : [across, down];
  const turnedValues = <Values extends Uint8Array | Uint16Array>(from: Values, samples: number): Values => {
    const into = from.slice() as Values;
    for (let y = 0, to = 0; y < height; y += 1)
      for (let x = 0, at = first + y * below; x < width; x += 1, at += right)
        for (let band = 0; band < samples; band += 1) into[to++] = from[at * samples + band]!;
    return into;
  };
  const values = turnedValues(image.values, image.samples);
  return { ...image, width, height, values, mask: image.mask && turnedValues(image.mask, 1), isTurned: true };
}
