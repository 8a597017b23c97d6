import { InvalidSceneFile, insteadOf } from '../../../base/errors.ts';
import { NoImage } from '../../image/image.ts';
import type { Block, ReadBlocks } from '../../raster/blocks.ts';
import { readPieces } from '../../raster/planReads.ts';
import type { RasterSource } from '../../raster/raster.ts';
import { decodeBlock } from './block.ts';
import type { Layout } from './layout.ts';

/** Makes the function that reads blocks of a TIFF; neighbouring blocks share a request. */
export function makeReadBlocks(source: RasterSource): ReadBlocks<Layout> {
  const where = ({ of, block }: Block<Layout>) => `${of.where}: block ${block}`;
  return async (wanted, take) => {
    const pieces = wanted.map((what) => {
      const { of, block } = what;
      return { offset: of.offsets[block]!, length: of.byteCounts[block]!, what };
    });
    for await (const { what, bytes } of readPieces(source, pieces, where)) {
      const { of, block } = what;
      const damaged = ({ message }: NoImage) =>
        new InvalidSceneFile(`${where(what)} at byte ${of.offsets[block]}: ${message}`);
      take(what, await decodeBlock(of, block, bytes).catch(insteadOf(NoImage, damaged)));
    }
  };
}

/** Most COGs' directories are no longer than this. */
const HEAD_BYTES = 32 * 1024;

/** Reads a file's start once and caches it: directories and the first blocks are there, so the other reads ascend. */
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
