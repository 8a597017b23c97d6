import { type DataType, makePlane, type Plane, type RasterWindow } from '../../arrays/dataTypes.ts';
import type { TimeTold } from '../../base/time/acquired.ts';
import type { AreaOfInterest } from '../../package/areaOfInterest.ts';

/** The type of a raster's values, by its STAC 1.1 name. */
export type RasterType = DataType | 'uint64' | 'int64';

/** The values of one band, row by row. */
export type RasterValues = Plane | BigInt64Array | BigUint64Array;

export type RasterBand = {
  readonly description: string | null;
  /** A stored value stands for `value * scale + offset`; null if the file does not say. Values are read as stored. */
  readonly scale: number | null;
  readonly offset: number | null;
  /** The nodata value: a bigint for 64-bit integers. Null if there is none, or the type cannot hold it. */
  readonly nodata: number | bigint | null;
  /** The type of the band's values, if the bands differ in type. */
  readonly type?: RasterType;
};

/** A georeferenced image of which any window can be read. Bands have one size, and one type or types of their own. */
export type Raster = {
  readonly width: number;
  readonly height: number;
  readonly type: RasterType;
  readonly bands: readonly RasterBand[];
  /** Whether a mask says which pixels hold data, so that nodata values do not. */
  readonly hasMask?: boolean;
  /** The index of the band that the file calls alpha, or null. `read` finds whether it is a mask. */
  readonly alpha: number | null;
  /** What the values represent. They are read as stored: `minIsWhite` is not inverted, `palette` values are indices. */
  readonly photometric: 'minIsWhite' | 'minIsBlack' | 'rgb' | 'palette' | 'other';
  /** The colour table of an indexed image: red, green and blue of each entry. */
  readonly colours?: Uint8Array;
  /**
   * Maps a pixel's corner to coordinates, in GDAL's order: x = t[0] + column * t[1] + row * t[2]; y = t[3] + column * t[4]
   * + row * t[5]. Null if the file has none.
   */
  readonly transform: Transform | null;
  /** How many ground control points the file has instead of a transform. */
  readonly controlPoints?: number;
  /** GeoTIFF keys by number, as stored in the file; null if it has none. */
  readonly geoKeys: GeoKeys | null;
  /** Why it has no GeoTIFF keys, if more is known than that the file names none. */
  readonly unplaced?: string | undefined;
  /** What the file says of when it was acquired, as it is written. */
  readonly times?: readonly TimeTold[];
  /** What of it is read, if not all. */
  readonly area?: AreaOfInterest | undefined;
  /** Whether the image was rotated when it was read, so that what lies beside it is of other pixels. */
  readonly isTurned?: true;
  /** Whether reading windows of all bands, row by row downwards, reads the file from front to back. */
  readonly isSequential: boolean;
  /** The size of a stored block. Windows along rows of blocks are cheapest. */
  readonly blockWidth: number;
  readonly blockHeight: number;
  /**
   * Reads a window that lies within the raster. The values of each band in `bands` are written, row by row, to the array at the same index, which has
   * the raster's type or a wider one (for 64-bit integers, that type only). Returns for each pixel 1 if it holds data and 0
   * if not, or null if all do. A pixel holds data if the file's mask says so or, without a mask, if at least one of the
   * requested bands is not nodata, and an alpha band that is not among them, and whose values are a mask's, is not 0.
   * @throws {InvalidSceneFile} when the file is damaged there
   */
  read(window: RasterWindow, bands: readonly number[], into: readonly RasterValues[]): Promise<WithData>;
  /** The smallest overview whose longer side has `longestSide` pixels, or the raster itself. Absent if none are read. */
  overview?(longestSide: number): Promise<Raster>;
};

type WithData = { readonly valid: Uint8Array | null };

export type Transform = readonly [number, number, number, number, number, number];

/**
 * GeoTIFF keys by number. Those of a file hold its three tags, too, each under the number of the tag, so that a copy equals
 * them byte for byte: the directory and the doubles as numbers, the text without the zero at its end.
 */
export type GeoKeys = Readonly<Record<number, number | string | readonly number[]>>;

/** The code that says that other keys describe the system. */
export const USER_DEFINED = 32767;

/** The tags that hold GeoTIFF keys: their directory, doubles and texts. */
export const GEO_TAGS = [34735, 34736, 34737] as const;

export type RasterSource = {
  readonly key: string;
  readonly size: number;
  /** Returns a range of bytes, shorter at the end of the file. */
  range(offset: number, length: number): Promise<Uint8Array>;
};

export type RasterLimits = {
  /** The largest block in bytes, stored or decoded. */
  readonly maxBlockBytes: number;
  /**
   * The size of the cache for decoded blocks. If the rows of blocks that a window touches fit into it, they are read whole,
   * for the windows beside and below; otherwise, and if it is 0, only the blocks that a window touches are read.
   */
  readonly cacheBytes: number;
  /** Whether only a part of the raster is read, so that of rows of blocks only those are that a window touches. */
  readonly isPart?: boolean;
};
export type CacheLimits = Omit<RasterLimits, 'maxBlockBytes'>;

export function makeRasterValues(type: RasterType, length: number): RasterValues {
  if (type === 'uint64') return new BigUint64Array(length);
  return type === 'int64' ? new BigInt64Array(length) : makePlane(type, length);
}

const isBig = (values: RasterValues): values is BigInt64Array | BigUint64Array =>
  values instanceof BigInt64Array || values instanceof BigUint64Array;

/** Returns a number as an array holds it. */
export const heldBy = (into: RasterValues, value: number | bigint): number =>
  (isBig(into) ? BigInt(value) : Number(value)) as number;

/** Returns values as numbers, those of 64 bits rounded where they need more than 53. */
export const numbersIn = (values: RasterValues): Plane =>
  isBig(values) ? Float64Array.from(values as BigInt64Array, Number) : values;

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
