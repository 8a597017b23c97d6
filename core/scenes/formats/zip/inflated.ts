import { createInflateRaw } from 'node:zlib';
import { InvalidSceneFile } from '../../../base/errors.ts';
import { piecesOf } from '../../begun.ts';
import { unpackedBy } from '../../gunzipped.ts';
import type { RasterSource } from '../../raster/raster.ts';
import { streamedRanges } from '../../streamedRanges.ts';
import type { OpenedMember } from '../product/archived.ts';

const PACKED_PIECE_BYTES = 1024 ** 2;
const PIECE_BYTES = 256 * 1024;

/** A deflated file: how it is called in errors, its packed bytes, and its unpacked size. */
type Deflated = { where: string; packed: Pick<RasterSource, 'size' | 'range'>; bytes: number };

/** One way through it, from its first byte on. */
type Pass = Pick<RasterSource, 'range'> & { pieces: AsyncGenerator<Uint8Array, void, void> };

/**
 * Reads ranges of a deflated file, of which no more than a piece is in memory. Ranges in ascending order come from one pass
 * over it; one that this has passed begins another. The checksum is not compared, as parts are read.
 * @throws {InvalidSceneFile} when it is damaged where it was read
 */
export function inflatedRanges(file: Deflated): Required<OpenedMember> {
  let pass: Pass = begin();
  let last: Promise<unknown> = Promise.resolve();

  function begin(): Pass {
    const pieces = inflated(file);
    const again = async (offset: number, length: number) => {
      await pieces.return();
      pass = begin();
      return pass.range(offset, length);
    };
    return { pieces, range: streamedRanges({ size: file.bytes, chunks: pieces, range: again }).range };
  }

  async function read(offset: number, length: number): Promise<Uint8Array> {
    const found = await pass.range(offset, length);
    if (found.length < Math.min(length, file.bytes - offset)) throw damaged(file);
    return found;
  }

  return {
    range(offset, length) {
      const reading = last.then(() => read(offset, length)); // one after the other, as there is one pass
      last = reading.catch(() => {});
      return reading;
    },
    close: () => last.then(() => pass.pieces.return()),
  };
}

const damaged = ({ where, bytes }: Deflated, cause?: Error) =>
  new InvalidSceneFile(`${where}: is damaged: it does not unpack to its ${bytes} bytes`, { cause });

function inflated(file: Deflated): AsyncGenerator<Uint8Array, void, void> {
  const packed = piecesOf(file.packed, PACKED_PIECE_BYTES);
  return unpackedBy(createInflateRaw({ chunkSize: PIECE_BYTES }), packed, (cause) => damaged(file, cause));
}
