import { cited } from '../../base/errors.ts';
import { isHdf5 } from '../../base/keys.ts';
import type { SceneLimits } from '../../base/limits.ts';
import type { ModelRef } from '../../base/messages.ts';
import type { OpenAsset, ReadSibling } from '../../base/objectStore.ts';
import type { TimeTold } from '../../base/time/acquired.ts';
import type { ExampleBand } from '../../package/draft.ts';
import type { Chip, ModelPackage, Place } from '../../package/package.ts';
import type { Raster, RasterLimits, RasterSource } from '../raster/raster.ts';
import type { RasterInfo } from '../raster/rasterInfo.ts';
import type { Refusal } from '../refusals.ts';
import unread from './unread.json' with { type: 'json' };

/** The number of bytes at a file's start that decide its format: the length of a tar's first header. */
export const HEAD_BYTES = 512;

/** Returns which of some messages, by id, no other file counts. */
export type ClaimMessages = (ids: readonly string[]) => Promise<ReadonlySet<string>>;

/** A scene file that streams once, from first byte to last. Others can be read as well, each read being a request. */
export type SceneStream = RasterSource & {
  /** In order; a chunk is valid until the next is requested. The first has `HEAD_BYTES` if the file is long enough. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Reads small files beside it; if absent, there are none. */
  sibling?: ReadSibling;
  /** The map that is the package's mask, if that is another model's. */
  mask?: { readonly key: string; readonly raster: Raster };
  /** Opens a file that it names; if absent, none is read. Whoever provides the scene closes these files. */
  asset?: OpenAsset;
  /** Which messages this file counts, if others may hold the same ones; always the same answer. If absent, all. */
  claim?: ClaimMessages;
  /** The version whose predictions the file holds, when its shadow reads it: that reads its own beside them. */
  live?: ModelRef;
  /** Called with a description of the file, and what it says of when it was acquired, by formats with one raster per file. */
  tell?(raster: RasterInfo, times?: readonly TimeTold[]): void;
  /** Called for a chip that cannot be read while the others can. If absent, such a chip makes the file invalid. */
  refuse?(refusal: Refusal): void;
};

export type SceneRanges = RasterSource & {
  /** Its first bytes, by which its format is recognised. */
  readonly head: Uint8Array;
};

/** How one kind of scene file is read. Readers throw `InvalidSceneFile` for any content that cannot be read. */
export type Format = {
  readonly name: string;
  /** Returns whether a file of this beginning, size and, if known, key is of this format. A `maybe` is tried if no format says `yes`. */
  sniff(head: Uint8Array, size: number, key?: string): 'yes' | 'maybe' | 'no';
  /**
   * Makes the reader of files for one model. It yields all chips in order, including blank ones, and reads the file to its
   * end. The chips that a chunk completes are yielded together and must be consumed before the next are requested. A chip
   * is valid until the next one, or as long as its chunk if the whole file comes in one chunk.
   */
  makeReader(model: ModelPackage, limits: SceneLimits): (scene: SceneStream) => AsyncIterable<Iterable<Chip>>;
  readChip(scene: SceneRanges, place: Place, model: ModelPackage): Promise<Chip>;
  /** Returns what a raster file says about its bands. It does not depend on a model's bands. */
  describe?(scene: SceneRanges): Promise<readonly ExampleBand[]>;
  /** Opens the raster that a file is; absent in formats whose files are not rasters. */
  openRaster?(source: RasterSource, limits: RasterLimits): Promise<Raster>;
};

/**
 * Takes at least `wanted` bytes from a file's beginning, or all if it is shorter: the first chunk itself if that is enough.
 * @returns them, and all chunks including them; leaving the loop over these early closes the file
 */
export async function begun(file: AsyncIterable<Uint8Array>, wanted: number) {
  const source = file[Symbol.asyncIterator]();
  let start: Uint8Array = new Uint8Array();
  while (start.length < wanted) {
    const { done, value } = await source.next();
    if (done) break;
    start = start.length === 0 && value.length >= wanted ? value : Buffer.concat([start, value]);
  }
  async function* chunks(): AsyncGenerator<Uint8Array, void, void> {
    try {
      yield start;
      for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
    } finally {
      await source.return?.();
    }
  }
  return { start, chunks: chunks() };
}

const PIECE_BYTES = 8 * 1024 ** 2;

export async function* piecesOf({ size, range }: Pick<RasterSource, 'size' | 'range'>, pieceBytes = PIECE_BYTES) {
  for (let at = 0; at < size; at += pieceBytes) yield await range(at, pieceBytes);
}

/**
 * Describes the start of an unexpected file for an error message: its bytes as text with all but plain characters escaped,
 * and, if it is known, the format that is not read: `“GIF89a\x01\x00”, like a GIF image. Save one of its pictures as PNG`.
 */
export function describeStart(start: Uint8Array): string {
  const text = String.fromCharCode(...start.subarray(0, 16));
  const escaped = (character: string) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  const like = unreadFormat(start);
  return cited(text.replace(/[^ -~]|["\\]/g, escaped)) + (like === undefined ? '' : `, like ${like}`);
}

/** Names a file of a format that is not read, with what to do; undefined for any other file. */
export function unreadFormat(start: Uint8Array): string | undefined {
  const text = String.fromCharCode(...start.subarray(0, 16));
  return UNREAD.find(([signature]) => signature.test(text))?.[1];
}

/** Returns whether a file begins as the metadata of a Zarr store, or as HDF5, which other content may precede, as MATLAB's does. */
export function startsAsCube(start: Uint8Array, _size = 0, key = '') {
  if (/^((\xef\xbb\xbf)?\{|\x89HDF|MATLAB 7)/.test(String.fromCharCode(...start.subarray(0, 8)))) return 'yes';
  return isHdf5(key) && unreadFormat(start) === undefined ? 'maybe' : 'no';
}

/** One character stands for one byte. The brands of HEIF's images: https://nokiatech.github.io/heif/technical.html */
const UNREAD = Object.entries(unread).map(([begins, format]) => [new RegExp(`^${begins}`), format] as const);
