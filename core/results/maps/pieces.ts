import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { bytesPerValue, type DataType, type Plane, planeOver, type RasterWindow } from '../../arrays/dataTypes.ts';

/**
 * A window of a map with the values of each layer, row by row, one per chip. A file has the length of a head (4 bytes,
 * little-endian), the head as JSON, and each layer of each piece, compressed with Zstandard.
 */
export type Piece = RasterWindow & { readonly planes: readonly Plane[] };

type Head = { pieces: (RasterWindow & { bytes: readonly number[] })[] };

const LENGTH_BYTES = 4;

/** Collects pieces and compresses them as they come, so that only compressed pixels accumulate in memory. */
export function makePieces() {
  const head: Head = { pieces: [] };
  const packed: Uint8Array[] = [];
  return {
    add({ x, y, width, height, planes }: Piece): void {
      const layers = planes.map(({ buffer, byteOffset, byteLength }) =>
        zstdCompressSync(new Uint8Array(buffer, byteOffset, byteLength)),
      );
      head.pieces.push({ x, y, width, height, bytes: layers.map(({ length }) => length) });
      packed.push(...layers);
    },
    encode(): Uint8Array {
      const text = new TextEncoder().encode(JSON.stringify(head));
      const length = new Uint8Array(LENGTH_BYTES);
      new DataView(length.buffer).setUint32(0, text.length, true);
      return Buffer.concat([length, text, ...packed]);
    },
  };
}

export function* decodePieces(file: Uint8Array, types: readonly DataType[]): Generator<Piece> {
  const { buffer, byteOffset, byteLength } = file;
  const headEnd = LENGTH_BYTES + new DataView(buffer, byteOffset, byteLength).getUint32(0, true);
  const head: Head = JSON.parse(new TextDecoder().decode(file.subarray(LENGTH_BYTES, headEnd)));
  let at = headEnd;
  for (const { bytes, ...window } of head.pieces) {
    const planes = types.map((type, layer) => {
      const packed = file.subarray(at, at + bytes[layer]!);
      at += packed.length;
      const size = window.width * window.height * bytesPerValue(type);
      return planeOver(type, zstdDecompressSync(packed, { maxOutputLength: Math.max(1, size) }));
    });
    yield { ...window, planes };
  }
}
