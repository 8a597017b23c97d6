import type { SceneLimits } from '../../limits.ts';
import type { ModelRef } from '../../messages.ts';
import type { ModelPackage } from '../../models/package.ts';
import type { OpenAsset, ReadSibling } from '../../objectStore.ts';
import type { Chip, Place } from '../chip.ts';
import type { Raster, RasterLimits, RasterSource } from '../raster/raster.ts';
import type { RasterInfo } from '../raster/rasterInfo.ts';
import type { Refusal } from '../refusals.ts';

/** So many bytes at a file's start decide its format: a tar's first header has as many. */
export const HEAD_BYTES = 512;

/** Answers those of some messages, by their ids, that nobody else counts. */
export type ClaimMessages = (ids: readonly string[]) => Promise<ReadonlySet<string>>;

/** A scene file that comes once, from its first byte to its last; of which other bytes may be read as well, each time as a request. */
export type SceneStream = {
  /** The file's name, with which errors begin. */
  readonly key: string;
  readonly size: number;
  /** In order; a chunk is valid until the next is asked for. The first has `HEAD_BYTES`, where the file has. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Some bytes, fewer where the file ends before. */
  range(offset: number, length: number): Promise<Uint8Array>;
  /** Small files beside it; where it is left out, there are none. */
  sibling?: ReadSibling;
  /** Opens a file that it names; where it is left out, none is read. Whoever hands the scene out closes them. */
  asset?: OpenAsset;
  /**
   * Of messages that other files may hold as well, says which are this file's to count: always the same ones. Where it is left
   * out, all are.
   */
  claim?: ClaimMessages;
  /** Whose predictions a file of them is of, where a version reads it that shadows that one: then its own are read, which stand beside them. */
  live?: ModelRef;
  /** Is told what the file is as a whole, by a format that has one raster in a file. */
  tell?(raster: RasterInfo): void;
  /** Is told of a chip that cannot be read, where the others still can; where it is left out, the file cannot be read for it. */
  refuse?(refusal: Refusal): void;
};

/** A scene file of which any bytes may be read. */
export type SceneRanges = {
  readonly key: string;
  readonly size: number;
  /** Its first bytes, those that its format is known by. */
  readonly head: Uint8Array;
  /** Some bytes, fewer where the file ends before. */
  range(offset: number, length: number): Promise<Uint8Array>;
};

/** How a kind of scene file is read. Whatever a file holds that cannot be read is an `InvalidSceneFile`. */
export type Format = {
  /** As an error calls it that says which formats are read. */
  readonly name: string;
  /** Whether files that begin so, and are so long, are of this format. A `maybe` is asked when nobody says `yes`. */
  sniff(head: Uint8Array, size: number): 'yes' | 'maybe' | 'no';
  /**
   * Makes the reader of files for one model. It gives all chips in order, blank ones too, and reads a file to its end: what a
   * chunk completes comes at once, with one promise, and is to be taken before the next is asked for. A chip is valid until the
   * next one, or as long as its chunk where the whole file comes in one.
   */
  makeReader(model: ModelPackage, limits: SceneLimits): (scene: SceneStream) => AsyncIterable<Iterable<Chip>>;
  readChip(scene: SceneRanges, place: Place, model: ModelPackage): Promise<Chip>;
  /** What a file says of its bands, where its format lets it: of rasters. Which bands are meant by it no model has said yet. */
  describe?(scene: SceneRanges): Promise<{ bands: readonly BandTold[] }>;
  /** Opens the raster that a file is; absent where a file is none. */
  openRaster?(source: RasterSource, limits: RasterLimits): Promise<Raster>;
};

/** A band as a scene file tells of it; the type by its name in STAC. */
export type BandTold = { readonly name: string | null; readonly type: string; readonly nodata: number | null };
