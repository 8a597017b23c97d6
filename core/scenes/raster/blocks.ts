import type { RasterType, RasterValues } from './raster.ts';

/** Blocks of one size, row by row from the top left; with one band in each, all of a band before the next's. */
export type Blocks = {
  readonly width: number;
  readonly height: number;
  readonly samples: number;
  readonly type: RasterType;
  /** Whether each block holds one band; otherwise it holds all of them, pixel-interleaved. */
  readonly isBandSeparate: boolean;
  readonly blockWidth: number;
  readonly blockHeight: number;
  readonly across: number;
  readonly down: number;
  /** The number of stored rows of a block, each of `blockWidth` pixels. */
  rowsOf(block: number): number;
  /** Whether a block is stored; one that is not consists of nodata. */
  isStored(block: number): boolean;
};

/** A block of one of several images that are read together, such as an image and its mask. */
export type Block<Of extends Blocks = Blocks> = { readonly of: Of; readonly block: number };

/**
 * Reads and decodes blocks, in the cheapest order, and hands out each as soon as it is decoded: its stored rows, or more.
 * @throws {InvalidSceneFile} when a block is damaged
 */
export type ReadBlocks<Of extends Blocks> = (
  wanted: readonly Block<Of>[],
  take: (block: Block<Of>, values: RasterValues) => void,
) => Promise<void>;

export const bandsInBlock = ({ isBandSeparate, samples }: Pick<Blocks, 'isBandSeparate' | 'samples'>): number =>
  isBandSeparate ? 1 : samples;

export const rowOf = ({ across, down }: Pick<Blocks, 'across' | 'down'>, block: number): number =>
  Math.floor(block / across) % down;
