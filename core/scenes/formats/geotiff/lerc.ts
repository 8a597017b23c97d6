import { NoImage } from '../../image/image.ts';
import { bandsInBlock, makeRasterValues, type RasterValues } from '../../raster/raster.ts';
import { LERC_TYPES, unpackAll } from './codecs.ts';
import type { Layout } from './layout.ts';
import type { Decoder } from './lerc.wasm.mjs';

let decoder: Promise<Decoder> | undefined;

async function loadDecoder(): Promise<Decoder> {
  const { open } = await import('./lerc.wasm.mjs');
  const stop = (): never => {
    throw new Error('the decoder stopped');
  };
  const grow = (bytes: number) => {
    found.d.grow(Math.ceil(((bytes >>> 0) - found.d.buffer.byteLength) / 65_536));
    return 1;
  };
  const found = await open({ a: { a: stop, b: stop, c: grow } });
  found.e();
  return found;
}

/**
 * Decodes a LERC block as libtiff does (tif_lerc.c): what a mask of the blob excludes is NaN in floats, and 0 in the alpha
 * band that the mask of bytes stands for.
 * @returns newly allocated values
 * @throws {NoImage} when the block cannot be decoded
 */
export async function decodeLerc(layout: Layout, rows: number, stored: Uint8Array): Promise<RasterValues> {
  const { type, blockWidth, lercPacking } = layout;
  const bands = bandsInBlock(layout);
  const pixels = blockWidth * rows;
  const values = makeRasterValues(type, pixels * bands);
  // Noise takes a little more than its values, and each band may have a mask.
  const blob = unpackAll(lercPacking, stored, 2 * values.byteLength + 1024);
  decoder ??= loadDecoder();
  try {
    const { d: memory, f: readInfo, h: decode, i: allocate, j: free } = await decoder;
    const places = [blob.length, 4 * INFO, pixels * bands, values.byteLength, bands, 8 * bands];
    let end = allocate(places.reduce((sum, bytes) => sum + aligned(bytes), 0)) >>> 0;
    if (end === 0) throw new NoImage('needs more memory to be decoded than LERC can have');
    const at = places.map((bytes) => {
      end += aligned(bytes);
      return end - aligned(bytes);
    });
    const [blobAt, infoAt, maskAt, valuesAt, ...nodataAt] = at as [number, number, number, number, number, number];
    new Uint8Array(memory.buffer).set(blob, blobAt);
    if (readInfo(blobAt, blob.length, infoAt, 0, INFO, 0) !== 0) throw damaged(free, blobAt);
    const info = new Uint32Array(memory.buffer, infoAt, INFO);
    const [, kind, depth, width, height, planes, , , masks, , nodata] = info as unknown as number[];
    const isAlphaMasked = type === 'uint8' && depth === bands - 1 && planes === 1 && bands > 1;
    const isOfBlock = width === blockWidth && height === rows && LERC_TYPES[kind!] === type && nodata === 0;
    const isOfBands = (depth === bands && planes === 1) || (depth === 1 && planes === bands);
    if (!isOfBlock || !(isOfBands || isAlphaMasked) || masks! > planes!) throw damaged(free, blobAt);
    const shape = [depth, width, height, planes, kind] as number[];
    if (decode(blobAt, blob.length, masks!, maskAt, ...shape, valuesAt, ...nodataAt) !== 0) throw damaged(free, blobAt);
    const Values = values.constructor as Uint8ArrayConstructor;
    const decoded = new Values(memory.buffer, valuesAt, pixels * depth! * planes!);
    const mask = masks === 0 ? null : new Uint8Array(memory.buffer, maskAt, pixels * masks!);
    place(decoded, mask, values as Uint8Array, { pixels, bands, isPlanar: planes! > 1, isAlphaMasked });
    free(blobAt);
    return values;
  } catch (error) {
    if (error instanceof NoImage) throw error;
    decoder = undefined; // a module that threw is not used again
    throw new NoImage(`is damaged: LERC: ${(error as Error).message}`);
  }
}

/** Numbers in the decoder's description of a blob. */
const INFO = 11;

const aligned = (bytes: number) => Math.ceil(bytes / 8) * 8;

function damaged(free: Decoder['j'], at: number): NoImage {
  free(at);
  return new NoImage('is damaged: found LERC that cannot be the values of this block');
}

type Shape = { pixels: number; bands: number; isPlanar: boolean; isAlphaMasked: boolean };

/** Copies decoded values, which are pixel-interleaved or one band after the other, and applies their masks. */
function place(from: Uint8Array, mask: Uint8Array | null, into: Uint8Array | Float32Array, shape: Shape): void {
  const { pixels, bands, isPlanar, isAlphaMasked } = shape;
  const stored = isAlphaMasked ? bands - 1 : bands;
  const isFloat = into.constructor === Float32Array || (into.constructor as unknown) === Float64Array;
  for (let band = 0; band < stored; band += 1) {
    const ofBand = mask !== null && mask.length > pixels ? band * pixels : 0;
    for (let i = 0; i < pixels; i += 1) {
      const value = isPlanar ? from[band * pixels + i]! : from[i * stored + band]!;
      into[i * bands + band] = isFloat && mask?.[ofBand + i] === 0 ? Number.NaN : value;
    }
  }
  if (isAlphaMasked) for (let i = 0; i < pixels; i += 1) into[i * bands + stored] = mask?.[i] === 0 ? 0 : 255;
}
