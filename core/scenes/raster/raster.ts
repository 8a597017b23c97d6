import { type DataType, makePlane, type Plane } from '../../models/dataTypes.ts';

/** Pixels of a raster, counted from its top left. */
export type RasterWindow = {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
};

/** The type of a raster's values, by its name in STAC 1.1. */
export type RasterType = DataType | 'uint64' | 'int64';

/** Values of one band, row by row. */
export type RasterValues = Plane | BigInt64Array | BigUint64Array;

export type RasterBand = {
  readonly description: string | null;
  /** A value stands for `value * scale + offset`; null where the file says nothing. Values are read as they are stored. */
  readonly scale: number | null;
  readonly offset: number | null;
  /** The value that stands for none: a bigint in a raster of 64-bit integers. Null where there is none, or the type cannot hold it. */
  readonly nodata: number | bigint | null;
  /** The type of its values, where bands have several. */
  readonly type?: RasterType;
};

/** A georeferenced picture of which any window may be read. All its bands have one size, and one type unless they say others. */
export type Raster = {
  readonly width: number;
  readonly height: number;
  readonly type: RasterType;
  readonly bands: readonly RasterBand[];
  /** The band that says how opaque a pixel is; null where none does. */
  readonly alpha: number | null;
  /** What the values are said to show. They are read as they are stored: those of `minIsWhite` are not inverted, those of a `palette` are indices. */
  readonly photometric: 'minIsWhite' | 'minIsBlack' | 'rgb' | 'palette' | 'other';
  /** The colours that the values are numbers of, where the format says that they are: red, green and blue of each. */
  readonly colours?: Uint8Array;
  /**
   * From a pixel's corner to coordinates, in GDAL's order: x = t[0] + column * t[1] + row * t[2]; y = t[3] + column * t[4] +
   * row * t[5]. Null where the file has none.
   */
  readonly transform: Transform | null;
  /** GeoTIFF's keys by their numbers, as they stand in the file; null where it has none. */
  readonly geoKeys: GeoKeys | null;
  /** Its coordinate reference system in well-known text, where no key says it. */
  readonly wkt?: string;
  /** Of a picture that is read otherwise than it is stored, the transform of what is read, by that of what is stored. */
  turned?(stored: Transform): Transform;
  /** Whether windows that go down the raster row by row, of all its bands, read the file from front to back. */
  readonly isSequential: boolean;
  /** A stored block's size: windows that follow its rows cost least. */
  readonly blockWidth: number;
  readonly blockHeight: number;
  /**
   * Reads a window: the values of each band that is named, row by row, into the array at the same place, which holds the
   * raster's type (or a wider one; of 64-bit integers, that type alone), and where there is data: 1 or 0 for each pixel, or
   * null where all have some. A pixel has data where the file's mask says so, or, in a file without one, where it is not
   * wholly transparent and one of the bands that are named is not nodata.
   *
   * @throws InvalidSceneFile where the file is damaged there; RangeError for a window or a band that is not in the raster
   */
  read(
    window: RasterWindow,
    bands: readonly number[],
    into: readonly RasterValues[],
  ): Promise<{ valid: Uint8Array | null }>;
  /**
   * The smallest of its overviews whose longer side still has so many pixels, or itself, where none of them has; absent where
   * the format has no overviews, or they are not read.
   */
  overview?(longestSide: number): Promise<Raster>;
};

export type Transform = readonly [number, number, number, number, number, number];

export type GeoKeys = Readonly<Record<number, number | string | readonly number[]>>;

/** A file of which any bytes may be read. */
export type RasterSource = {
  /** The file's name, with which errors begin. */
  readonly key: string;
  readonly size: number;
  /** Some bytes, fewer where the file ends before. */
  range(offset: number, length: number): Promise<Uint8Array>;
};

export type RasterLimits = {
  /** Bytes of a block, stored or decoded. */
  readonly maxBlockBytes: number;
  /**
   * Bytes of decoded blocks that are kept. Where the rows of blocks that a window lies on fit, they are read whole, for the
   * windows beside it and below; else, and where it is 0, a window costs the blocks that it lies on and no others.
   */
  readonly cacheBytes: number;
};

export function makeRasterValues(type: RasterType, length: number): RasterValues {
  if (type === 'uint64') return new BigUint64Array(length);
  return type === 'int64' ? new BigInt64Array(length) : makePlane(type, length);
}
