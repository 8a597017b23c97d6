import { initEmscriptenModule } from '@jsquash/jpeg/utils.js';
import { NoImage } from './image.ts';
import type { Frame } from './jpegSegments.ts';
import { withoutAlpha } from './withoutAlpha.ts';

type Decoder = { decode(jpeg: Uint8Array, isTurned: boolean): { data: Uint8ClampedArray } | null };

/** The decoder's messages about the current JPEG: it reports damage but continues, with grey for missing data. */
let complaints: string[] = [];
let decoder: Promise<Decoder> | undefined;

/** Loads the decoder on first use. It is compiled from a module, in Node and in a bundle, and fetches nothing. */
function makeDecoder(): Promise<Decoder> {
  decoder ??= import('./mozjpeg.wasm.mjs').then(({ decoder, module }) =>
    initEmscriptenModule(decoder, module, { print: () => {}, printErr: (text: string) => complaints.push(text) }),
  );
  return decoder;
}

/**
 * Decodes a JPEG of one component or three, whose first frame is known, with mozjpeg, so that values equal those of Pillow
 * and libjpeg-turbo.
 *
 * @returns rows of bytes, pixel-interleaved
 * @throws {NoImage} when it is damaged
 */
export async function decodeMozjpeg(jpeg: Uint8Array, { width, height, components }: Frame): Promise<Uint8Array> {
  const rgba = await decoded(jpeg);
  if (rgba.length !== width * height * 4) throw new NoImage('is damaged: its JPEG has a different size');
  return withoutAlpha(rgba, components);
}

async function decoded(jpeg: Uint8Array): Promise<Uint8ClampedArray> {
  const { decode } = await makeDecoder();
  complaints = [];
  try {
    const picture = decode(jpeg, false);
    if (picture !== null && complaints.length === 0) return picture.data;
  } catch (error) {
    decoder = undefined; // a module that aborted is not used again
    complaints.push(String(error));
  }
  throw new NoImage(`is damaged: its JPEG: ${complaints[0]?.slice(0, 100) ?? 'no picture'}`);
}
