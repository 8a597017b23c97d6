import type { PredictedRow } from '../answered/predictedRows.ts';
import type { Area } from '../maps/area.ts';
import type { CarriedValue } from '../models/carry.ts';
import type { Plane } from '../models/dataTypes.ts';
import type { RasterWindow } from './raster/raster.ts';

/**
 * Where in its scene file a chip is. `index` counts the file's chips from 0, blank ones too, and alone tells a chip from all
 * others of its file.
 */
export type Place = { readonly index: number } & (
  | {
      /** A run of bytes: one ranged read brings the chip. */
      readonly kind: 'bytes';
      readonly offset: number;
      readonly length: number;
      /** The part of a raster that these bytes hold, where the file's companion says so. */
      readonly window?: PlacedWindow;
    }
  /** A part of a raster. */
  | ({ readonly kind: 'window' } & PlacedWindow)
  /** Where its format finds it by its index: it is compressed, or its values lie apart. */
  | { readonly kind: 'index' }
);

/** A part of a raster, in pixels from its top left. */
export type PlacedWindow = RasterWindow & {
  /** Where on earth that is: see `footprintOf`. Null where the raster does not say. */
  readonly footprint: Float64Array | null;
};

/** The part of a raster that a chip is; null where it is a part of none. */
export function windowOf(place: Place): PlacedWindow | null {
  if (place.kind === 'window') return place;
  return (place.kind === 'bytes' && place.window) || null;
}

export type Chip = {
  readonly place: Place;
  /** The bands' values, in the order of the package's source bands; none of a chip that comes with its prediction. */
  readonly planes: readonly Plane[];
  /** What a model has predicted for it before, null where it was blank: then nobody runs one. */
  readonly predicted?: PredictedRow | null;
  /** Whether its message has what a shadow has predicted for it as well. */
  readonly isShadowed?: true;
  /** What the file says is true of it, such as a class's value; null where it says nothing. */
  readonly truth: number | null;
  /** What the file has of the features that the package passes through, in their order; missing where it has none of them. */
  readonly carried?: readonly CarriedValue[];
  /** Its name in the archive or the request that the file is. */
  readonly member?: string;
  /** The id of the request that it came with. */
  readonly request?: string;
  /** The share of its pixels that hold no data, where its format can tell. */
  readonly nodataShare?: number;
  /** Which of them do, row by row, where some do not: 1 or 0. */
  readonly valid?: Uint8Array;
  /** What was done to an image so that it is a chip of the package, in sentences; absent where nothing was. */
  readonly warnings?: readonly string[];
  /** What it gives to a map of its scene, where it is a part of a raster and the model's task is one of pixels. */
  readonly area?: Area;
};

/** A place as prepared parts and predictions keep it, in columns that all releases read: no bytes are a length of 0. */
export type StoredPlace = { readonly index: number; readonly offset: number; readonly length: number };

export function storedPlace(place: Place): StoredPlace {
  return place.kind === 'bytes' ? place : { index: place.index, offset: 0, length: 0 };
}

export function placeOf({ index, offset, length }: StoredPlace): Place {
  return length > 0 ? { index, kind: 'bytes', offset, length } : { index, kind: 'index' };
}
