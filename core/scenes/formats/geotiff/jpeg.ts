import mozjpeg from '@jsquash/jpeg/codec/dec/mozjpeg_dec.js';
import { initEmscriptenModule } from '@jsquash/jpeg/utils.js';

/** A JPEG cannot be read, or not by us: `message` goes on behind “block 3 at byte 4711”. */
export class NoJpeg extends Error {}

export type Frame = { readonly width: number; readonly height: number; readonly components: number };

/**
 * Decodes a block that is JPEG in TIFF (Technical Note 2 to TIFF 6.0): tables may stand apart for all blocks, and whether
 * three components are YCbCr is for the TIFF to say, not for the JPEG. mozjpeg does the work, so that values are those that
 * Pillow and libjpeg-turbo have.
 *
 * @param tables a JPEG of tables alone; null where each block has its own
 * @param check throws where a picture of that size is none for this block, before anything is allocated for it
 * @returns rows of bytes, the components of a pixel beside one another
 * @throws NoJpeg
 */
export async function decodeJpeg(
  block: Uint8Array,
  tables: Uint8Array | null,
  isYcbcr: boolean,
  check: (frame: Frame) => void,
): Promise<{ frame: Frame; values: Uint8Array }> {
  const shared = tables === null ? [] : segmentsOf(tables).segments;
  const { segments, frame, scan } = segmentsOf(block);
  if (frame === null || scan === null) throw new NoJpeg('has no picture in its JPEG');
  if (frame.components !== 1 && frame.components !== 3)
    throw new NoJpeg(`found a JPEG of ${frame.components} components, allowed are 1 and 3`);
  check(frame);
  const colours = isYcbcr ? YCBCR : AS_THEY_ARE;
  const jpeg = new Uint8Array(Buffer.concat([START, colours, ...shared, ...segments, scan]));
  const rgba = await decoded(jpeg);
  if (rgba.length !== frame.width * frame.height * 4) throw new NoJpeg('is damaged: its JPEG has another size');
  return { frame, values: withoutAlpha(rgba, frame.components) };
}

const START = Uint8Array.of(0xff, 0xd8);
/** Adobe's marker, by which libjpeg knows whether three components are YCbCr; its last byte says it. */
const ADOBE = [0xff, 0xee, 0, 14, ...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0];
const YCBCR = Uint8Array.from([...ADOBE, 1]);
const AS_THEY_ARE = Uint8Array.from([...ADOBE, 0]);

type Segments = {
  /** Tables and the frame, each with its marker; what an application put in is left out. */
  segments: Uint8Array[];
  frame: Frame | null;
  /** From the start of the first scan on. */
  scan: Uint8Array | null;
};

/** ITU-T T.81, annex B. */
function segmentsOf(jpeg: Uint8Array): Segments {
  if (jpeg[0] !== 0xff || jpeg[1] !== 0xd8) throw new NoJpeg('does not begin as a JPEG');
  const segments: Uint8Array[] = [];
  let frame: Frame | null = null;
  for (let at = 2; at + 4 <= jpeg.length; ) {
    if (jpeg[at] !== 0xff) throw new NoJpeg('is damaged: a part of its JPEG has no marker');
    const marker = jpeg[at + 1]!;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === SCAN) return { segments, frame, scan: jpeg.subarray(at) };
    const length = (jpeg[at + 2]! << 8) | jpeg[at + 3]!;
    const segment = jpeg.subarray(at, at + 2 + length);
    if (length < 2 || segment.length < 2 + length) throw new NoJpeg('is cut short in its JPEG');
    if (marker >= 0xc0 && marker <= 0xcf && ![TABLES, 0xc8, 0xcc].includes(marker)) {
      if (marker > 0xc2) throw new NoJpeg(`found a JPEG whose coding is ${marker - 0xc0}, allowed are 0, 1 and 2`);
      if (length < 8 || segment[4] !== 8) throw new NoJpeg(`found a JPEG of ${segment[4]} bits a value, allowed are 8`);
      frame = {
        height: (segment[5]! << 8) | segment[6]!,
        width: (segment[7]! << 8) | segment[8]!,
        components: segment[9]!,
      };
    }
    if (marker < 0xe0) segments.push(segment);
    at += 2 + length;
  }
  return { segments, frame, scan: null };
}

const [TABLES, SCAN] = [0xc4, 0xda];

type Decoder = { decode(jpeg: Uint8Array, isTurned: boolean): { data: Uint8ClampedArray } | null };

/** What the decoder says of the JPEG at hand: of a damaged one it says so and goes on, with grey for what is not there. */
let complaints: string[] = [];
let decoder: Promise<Decoder> | undefined;

/** The decoder, once it is needed. It is compiled from a module, in Node and in a bundle, and fetches nothing. */
function makeDecoder(): Promise<Decoder> {
  decoder ??= import('./mozjpeg.wasm.mjs').then(({ default: module }) =>
    initEmscriptenModule(mozjpeg, module, { print: () => {}, printErr: (text: string) => complaints.push(text) }),
  );
  return decoder;
}

async function decoded(jpeg: Uint8Array): Promise<Uint8ClampedArray> {
  const { decode } = await makeDecoder();
  complaints = [];
  try {
    const picture = decode(jpeg, false);
    if (picture !== null && complaints.length === 0) return picture.data;
  } catch (error) {
    decoder = undefined; // one that gave up in the midst of its work is not asked again
    complaints.push(String(error));
  }
  throw new NoJpeg(`is damaged: its JPEG: ${complaints[0]?.slice(0, 100) ?? 'no picture'}`);
}

function withoutAlpha(rgba: Uint8ClampedArray, components: number): Uint8Array {
  const pixels = rgba.length / 4;
  const values = new Uint8Array(pixels * components);
  if (components === 1) for (let i = 0; i < pixels; i += 1) values[i] = rgba[4 * i]!;
  else
    for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
      values[to] = rgba[from]!;
      values[to + 1] = rgba[from + 1]!;
      values[to + 2] = rgba[from + 2]!;
    }
  return values;
}
