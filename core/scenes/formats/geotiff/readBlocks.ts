import { InvalidSceneFile } from '../../../base/errors.ts';
import type { Block, ReadBlocks } from '../../raster/blocks.ts';
import { type Piece, planReads } from '../../raster/planReads.ts';
import type { RasterSource } from '../../raster/raster.ts';
import { decodeBlock } from './block.ts';
import type { Layout } from './layout.ts';

/** Makes the function that reads blocks of a TIFF; neighbouring blocks share a request. */
export function makeReadBlocks(source: RasterSource): ReadBlocks<Layout> {
  return async (wanted, take) => {
    for (const { offset, length, pieces } of planReads(wanted.map(pieceOf))) {
      const bytes = await source.range(offset, length);
      for (const { what, ...piece } of pieces) {
        const { of, block } = what;
        const start = piece.offset - offset;
        const where = `${of.where}: block ${block} at byte ${piece.offset}`;
        if (bytes.length < start + piece.length)
          throw new InvalidSceneFile(
            `${where}: is cut short: found ${Math.max(0, bytes.length - start)} of its ${piece.length} bytes`,
          );
        const values = await decodeBlock(of, block, bytes.subarray(start, start + piece.length));
        if (typeof values === 'string') throw new InvalidSceneFile(`${where}: ${values}`);
        take(what, values);
      }
    }
  };
}

function pieceOf(what: Block<Layout>): Piece<Block<Layout>> {
  const { of, block } = what;
  return { offset: of.offsets[block]!, length: of.byteCounts[block]!, what };
}

/** Most COGs' directories are no longer than this. */
const HEAD_BYTES = 32 * 1024;

/**
 * Reads a file's start once and caches it: directories and the first blocks are there, so the remaining reads ascend
 * through the file.
 */
export async function keepHead({ key, size, range }: RasterSource): Promise<RasterSource> {
  const head = await range(0, Math.min(HEAD_BYTES, size));
  return {
    key,
    size,
    async range(offset, length) {
      if (offset >= head.length) return range(offset, length);
      if (offset + length <= head.length) return head.subarray(offset, offset + length);
      const rest = await range(head.length, offset + length - head.length);
      return new Uint8Array(Buffer.concat([head.subarray(offset), rest]));
    },
  };
}
