import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { bytesPerValue, type DataType, type Plane, planeOver, type RasterWindow } from '../../arrays/dataTypes.ts';

/**
 * A window of a map with the values of each layer, row by row, one per chip. A file has the length of a head (4 bytes,
 * little-endian), the head as JSON, and each layer of each piece, compressed with Zstandard.
 */
export type Piece = RasterWindow & { readonly planes: readonly Plane[]; readonly told?: ToldMask };

/** The same with each layer compressed, as pieces wait in memory; of a mask, with the truth that it stated. */
export type PackedPiece = RasterWindow & { readonly layers: readonly Uint8Array[]; readonly told?: ToldMask };
export type ToldMask = { readonly index: number; readonly truth: string; readonly at: string };

type Head = { pieces: (Omit<PackedPiece, 'layers'> & { bytes: readonly number[] })[] };

const LENGTH_BYTES = 4;

export const packPiece = ({ planes, ...window }: Piece): PackedPiece => ({
  ...window,
  layers: planes.map((plane) => new Uint8Array(zstdCompressSync(plane))), // copies, as the bytes are part of a far larger buffer
});

export function encodePieces(pieces: readonly PackedPiece[]): Uint8Array {
  const head: Head = {
    pieces: pieces.map(({ layers, ...window }) => ({ ...window, bytes: layers.map(({ length }) => length) })),
  };
  const text = new TextEncoder().encode(JSON.stringify(head));
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, text.length, true);
  return Buffer.concat([length, text, ...pieces.flatMap(({ layers }) => layers)]);
}

export function* packedPieces(file: Uint8Array): Generator<PackedPiece> {
  const { buffer, byteOffset, byteLength } = file;
  const headEnd = LENGTH_BYTES + new DataView(buffer, byteOffset, byteLength).getUint32(0, true);
  const head: Head = JSON.parse(new TextDecoder().decode(file.subarray(LENGTH_BYTES, headEnd)));
  let at = headEnd;
  for (const { bytes, ...window } of head.pieces) {
    const layers = bytes.map((length) => {
      at += length;
      return file.subarray(at - length, at);
    });
    yield { ...window, layers };
  }
}

export function* decodePieces(file: Uint8Array, types: readonly DataType[]): Generator<Piece> {
  for (const { layers, ...window } of packedPieces(file)) {
    const planes = types.map((type, layer) => {
      const size = window.width * window.height * bytesPerValue(type);
      return planeOver(type, zstdDecompressSync(layers[layer]!, { maxOutputLength: Math.max(1, size) }));
    });
    yield { ...window, planes };
  }
}
