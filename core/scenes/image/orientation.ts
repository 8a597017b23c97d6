import type { Image } from './image.ts';

/** EXIF's tag for how an image is to be rotated for display, 1 to 8; 1 if not at all, or not stated. */
const ORIENTATION = 0x0112;
const SHORT = 3;

/** Reads the orientation of EXIF's TIFF, with or without the word before it. Damaged data state none, as in Pillow. */
export function orientationIn(exif: Uint8Array | null): number {
  if (exif === null) return 1;
  const hasWord = Buffer.from(exif.subarray(0, 6)).toString('latin1') === 'Exif\0\0';
  const tiff = Buffer.from(exif.subarray(hasWord ? 6 : 0));
  const order = tiff.toString('latin1', 0, 2);
  if (tiff.length < 8 || (order !== 'II' && order !== 'MM')) return 1;
  const short = (at: number) => (order === 'II' ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const start = order === 'II' ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (start + 2 > tiff.length) return 1;
  const count = short(start);
  for (let at = start + 2, i = 0; i < count && at + 12 <= tiff.length; at += 12, i += 1) {
    if (short(at) !== ORIENTATION || short(at + 2) !== SHORT) continue;
    const found = short(at + 8);
    return found >= 1 && found <= 8 ? found : 1;
  }
  return 1;
}

export function turned(image: Image, orientation: number): Image {
  if (orientation === 1) return image;
  // Whether rows become columns, and whether the stored image is then read from the right and from the bottom.
  const isTransposed = orientation >= 5;
  const [isFromRight, isFromBottom] = [[2, 3, 7, 8].includes(orientation), [3, 4, 6, 7].includes(orientation)];
  const [width, height] = isTransposed ? [image.height, image.width] : [image.width, image.height];
  const turnedValues = <Values extends Uint8Array | Uint16Array>(from: Values, samples: number): Values => {
    const into = from.slice() as Values;
    for (let y = 0, to = 0; y < height; y += 1)
      for (let x = 0; x < width; x += 1) {
        const [across, down] = isTransposed ? [y, x] : [x, y];
        const column = isFromRight ? image.width - 1 - across : across;
        const row = isFromBottom ? image.height - 1 - down : down;
        const at = (row * image.width + column) * samples;
        for (let band = 0; band < samples; band += 1) into[to++] = from[at + band]!;
      }
    return into;
  };
  return {
    ...image,
    width,
    height,
    values: turnedValues(image.values, image.samples),
    mask: image.mask && turnedValues(image.mask, 1),
    isTurned: true,
  };
}
