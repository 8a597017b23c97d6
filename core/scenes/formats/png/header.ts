import { NoImage } from '../../image/image.ts';

/** For each colour type, the number of bands and the bits a value may have: https://www.w3.org/TR/png-3/#3colourType */
const COLOURS: { readonly [type: number]: { samples: number; bits: readonly number[] } } = {
  0: { samples: 1, bits: [1, 2, 4, 8, 16] },
  2: { samples: 3, bits: [8, 16] },
  3: { samples: 1, bits: [1, 2, 4, 8] },
  4: { samples: 2, bits: [8, 16] },
  6: { samples: 4, bits: [8, 16] },
};

export type PngHeader = ReturnType<typeof readPngHeader>;

/** @throws {NoImage} when the header is invalid */
export function readPngHeader([chunk]: readonly Uint8Array[]) {
  if (chunk?.length !== 13) throw new NoImage('is damaged: it has no chunk IHDR of 13 bytes');
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
  const [bits = 0, colour = 0, packing, filter, interlace = 0] = chunk.subarray(8);
  const found = COLOURS[colour];
  if (found?.bits.includes(bits) !== true)
    throw new NoImage(`is damaged: found the colour type ${colour} with ${bits} bits a value, which PNG does not have`);
  if (packing !== 0 || filter !== 0 || interlace > 1)
    throw new NoImage(
      `is damaged: found the compression ${packing}, the filter ${filter} and the interlace ${interlace}, which PNG does not have`,
    );
  return {
    width: view.getUint32(0),
    height: view.getUint32(4),
    bits,
    samples: found.samples,
    isPalette: colour === 3,
    hasAlpha: colour >= 4,
    isInterlaced: interlace === 1,
  };
}
