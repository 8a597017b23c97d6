import type { Plane, RasterWindow } from '../arrays/dataTypes.ts';
import type { Area } from './area.ts';
import type { CarriedValue } from './carry.ts';
import type { ItemFacts, PackageFacts } from './facts.ts';
import type { Task } from './task.ts';

/** A model version as it was read: what its package says, and the task that its numbers are for. */
export type ModelPackage<Reference = unknown> = PackageFacts<Reference> & { readonly task: Task };

export type PackageContent = ItemFacts & { readonly task: Task };

/** Where a chip is in its scene file. `index` counts all chips from 0, blank ones too, and identifies the chip. */
export type Place = { readonly index: number } & (
  | {
      /** A range of bytes: one ranged read fetches the chip. */
      readonly kind: 'bytes';
      readonly offset: number;
      readonly length: number;
      /** The window of the raster that these bytes hold, if the file's companion says so. */
      readonly window?: PlacedWindow;
    }
  /** A window of a raster. */
  | ({ readonly kind: 'window' } & PlacedWindow)
  /** Found by its index only, because the data is compressed or the chip's values are not contiguous. */
  | { readonly kind: 'index' }
);

/** A window of a raster, in pixels from the top left. */
export type PlacedWindow = RasterWindow & {
  /** Its location on earth, see `footprintOf`; null if the raster is not georeferenced. */
  readonly footprint: Float64Array | null;
  /** Its land, see `placedWindow`; NaN if not known. */
  readonly hectares: number;
};

/** Returns the window that a chip is cut from, or null if it is not part of a raster. */
export const windowOf = (place: Place): PlacedWindow | null =>
  place.kind === 'window' ? place : (place.kind === 'bytes' && place.window) || null;

/** A chip's prediction: a value for each column of its model's task, in order. */
export type PredictedRow = readonly (string | number | null)[];

export type Chip = {
  readonly place: Place;
  /** The bands' values, in the order of the package's source bands; empty for a chip that comes with its prediction. */
  readonly planes: readonly Plane[];
  /** The texts that it is made of, if its model takes texts. */
  readonly texts?: readonly string[];
  /** The prediction that the chip comes with, null if the chip was blank. No model is run on such a chip. */
  readonly predicted?: PredictedRow | null;
  /** Whether its message also holds a shadow's prediction. */
  readonly isShadowed?: true;
  /** The truth that the file states, such as a class's value; null if none. */
  readonly truth: number | null;
  /** The values of the features that the package passes through, in their order; absent if the file has none of them. */
  readonly carried?: readonly CarriedValue[];
  /** Its name in the archive or request that the file is. */
  readonly member?: string;
  readonly request?: string;
  /** The id, time and version of each of the one or two records of features that it was made of. */
  readonly features?: readonly (string | null)[];
  /** How many percent of the scene are under clouds, if its STAC Item says so. */
  readonly cloudCover?: number | undefined;
  /** Whether all of it lies outside of the area that its Item limits the scene to: nothing of it is read. */
  readonly isOutside?: true;
  /** The share of its pixels that the package's mask hides; null if not known. */
  readonly masked?: number | null;
  /** The share of its pixels without data, if the format can tell. */
  readonly nodataShare?: number;
  /** Per pixel, row by row, 1 if it holds data and 0 if not; absent if all do. */
  readonly valid?: Uint8Array;
  /** The value of each band that stands for no data, also where other bands hold some; null for none. */
  readonly nodataOf?: readonly (number | null)[];
  /** Sentences on how an image was converted to fit the package; absent if it was not. */
  readonly warnings?: readonly string[];
  /** The pixels it contributes to its scene's map, if it is part of a raster and the model is a pixel model. */
  readonly area?: Area;
};

/** A place as parts and predictions store it, for all releases to read: a length of 0 stands for no byte range. */
export type StoredPlace = { readonly index: number; readonly offset: number; readonly length: number };

export const storedPlace = (place: Place): StoredPlace =>
  place.kind === 'bytes' ? place : { index: place.index, offset: 0, length: 0 };

export const placeOf = ({ index, offset, length }: StoredPlace): Place =>
  length > 0 ? { index, kind: 'bytes', offset, length } : { index, kind: 'index' };
