import type { RasterType, RasterValues } from './raster.ts';

/**
 * A picture that is stored in blocks of one size. They are counted row by row from the top left; where a block holds one band,
 * first those of the first band, then those of the next.
 */
export type Blocks = {
  readonly width: number;
  readonly height: number;
  readonly samples: number;
  readonly type: RasterType;
  /** Whether each block holds one band; else it holds all of them, a pixel's values beside one another. */
  readonly isBandSeparate: boolean;
  readonly blockWidth: number;
  readonly blockHeight: number;
  readonly across: number;
  readonly down: number;
  /** So many of a block's rows are stored, each of `blockWidth` pixels. */
  rowsOf(block: number): number;
  /** One that is not has nodata everywhere. */
  isStored(block: number): boolean;
};

/** A block of one of the pictures that are read together, such as a picture and its mask. */
export type Block<Of extends Blocks = Blocks> = { readonly of: Of; readonly block: number };

/**
 * Reads and decodes blocks, in whatever order costs least, and hands out each as soon as it is decoded: its stored rows, or more.
 * @throws InvalidSceneFile where one is damaged
 */
export type ReadBlocks<Of extends Blocks> = (
  wanted: readonly Block<Of>[],
  take: (block: Block<Of>, values: RasterValues) => void,
) => Promise<void>;

/** Bands whose values lie in one block. */
export function bandsInBlock({ isBandSeparate, samples }: Pick<Blocks, 'isBandSeparate' | 'samples'>): number {
  return isBandSeparate ? 1 : samples;
}

/** The row of blocks that a block is in. */
export function rowOf({ across, down }: Blocks, block: number): number {
  return Math.floor(block / across) % down;
}
