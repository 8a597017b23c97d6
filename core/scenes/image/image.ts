import type { Blocks, Raster, ReadBlocks } from '../raster/raster.ts';
import { makeWindowReader } from '../raster/windows.ts';

export type Image = {
  readonly width: number;
  readonly height: number;
  /** Row by row, pixel-interleaved. */
  readonly values: Uint8Array | Uint16Array;
  readonly samples: number;
  readonly alpha: number | null;
  readonly photometric: Raster['photometric'];
  readonly colours?: Raster['colours'];
  readonly nodata: number | null;
  /** 0 for each fully transparent pixel; null if there is none, or `alpha` or `nodata` says it. */
  readonly mask: Uint8Array | null;
  /** Whether it was rotated when it was read. */
  readonly isTurned?: true;
  /** When it was taken, as EXIF says. */
  readonly taken?: string;
};

/** An image cannot be read: `message` continues a sentence that begins with the file's name, or the image's place in it. */
export class NoImage extends Error {}

/** Returns an image in memory as a raster of one block. */
export function rasterOf(image: Image): Raster {
  const { width, height, values, samples, alpha, photometric, colours, nodata, mask, isTurned, taken } = image;
  const type = values instanceof Uint16Array ? 'uint16' : 'uint8';
  const oneBlock = {
    ...{ width, height, isBandSeparate: false, blockWidth: width, blockHeight: height, across: 1, down: 1 },
    rowsOf: () => height,
    isStored: () => true,
  };
  const blocks: Blocks = { ...oneBlock, samples, type };
  const maskBlocks: Blocks | null = mask && { ...oneBlock, samples: 1, type: 'uint8' };
  const readBlocks: ReadBlocks<Blocks> = async (wanted, take) => {
    for (const block of wanted) take(block, block.of === blocks ? values : mask!);
  };
  return {
    ...{ width, height, type, alpha, photometric, blockWidth: width, blockHeight: height },
    hasMask: mask !== null,
    bands: Array.from({ length: samples }, () => ({ description: null, scale: null, offset: null, nodata })),
    transform: null,
    ...(isTurned && { isTurned }),
    ...(taken && { times: [{ by: 'EXIF', start: taken }] }),
    ...(colours && { colours }),
    geoKeys: null,
    isSequential: true,
    read: makeWindowReader({ image: blocks, mask: maskBlocks, alpha, nodata }, readBlocks, { cacheBytes: 0 }),
  };
}
