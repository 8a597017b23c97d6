import { NoImage } from './image.ts';
import type { Frame } from './jpegSegments.ts';
import { makeWasmDecoder } from './wasmDecoder.ts';
import { withoutAlpha } from './withoutAlpha.ts';

type Decoder = { decode(jpeg: Uint8Array, isTurned: boolean): { data: Uint8ClampedArray } | null };

const run = makeWasmDecoder<Decoder>(() => import('./mozjpeg.wasm.mjs'));

/** Decodes a JPEG of one component or three, interleaved, to Pillow's values. Throws `NoImage` when it is damaged. */
export async function decodeMozjpeg(jpeg: Uint8Array, { width, height, components }: Frame): Promise<Uint8Array> {
  const { result, messages } = await run(({ decode }) => decode(jpeg, false)); // where data are missing, it draws grey
  if (!result || messages.length > 0)
    throw new NoImage(`is damaged: its JPEG: ${messages[0]?.slice(0, 100) ?? 'no picture'}`);
  if (result.data.length !== width * height * 4) throw new NoImage('is damaged: its JPEG has a different size');
  return withoutAlpha(result.data, components);
}
