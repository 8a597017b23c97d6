import { InvalidSceneFile } from '../../../base/errors.ts';
import { MOST_SCENE_LIMITS } from '../../../base/limits.ts';
import type { Chip } from '../../../package/chip.ts';
import type { ModelPackage } from '../../../package/package.ts';
import { type Format, HEAD_BYTES, type SceneRanges, type SceneStream } from '../format.ts';
import { firstName } from '../zip/directory.ts';
import { type ChipArray, chipArrayOf } from './chips.ts';
import { beginsLikeNpy, MOST_HEAD_BYTES, type NpyHeader, readHeader } from './header.ts';
import { type ChipsInMemory, readArchive } from './npz.ts';

/**
 * Arrays of chips as NumPy stores them: one array (.npy), or several in an archive (.npz). docs/formats.md lists what is
 * supported.
 */
export const numpy: Format = {
  name: 'NumPy (.npy, .npz)',
  sniff: (head) => (beginsLikeNpy(head) || isArchive(head) ? 'yes' : 'no'),

  makeReader: (model, { maxRecordBytes }) =>
    async function* ({ chunks, ...file }) {
      let start: Uint8Array = new Uint8Array();
      let reading: Reading | undefined;
      for await (const chunk of chunks) {
        if (reading !== undefined) yield reading.take(chunk);
        else {
          start = start.length === 0 ? chunk : Buffer.concat([start, chunk]);
          reading = begin(file, start, model, maxRecordBytes);
          if (reading !== undefined) yield reading.take(start);
          else start = new Uint8Array(start); // copied, because a chunk is only valid until the next
        }
      }
      if (reading === undefined) throw new InvalidSceneFile(`${file.key}: is cut short in its header`);
      yield reading.end();
    },

  async readChip(scene, { index }, model) {
    const { key, head, range } = scene;
    const header = isArchive(head) ? undefined : await headerOf(scene);
    const array = header && arrayOf(scene, header, model);
    if (array === undefined || array.isFortranOrder) {
      const file = await range(0, scene.size);
      const chips = array === undefined ? readArchive(key, file, model, MOST_HELD) : columns(file, array);
      return chipOf(key, chips, index);
    }
    if (index >= array.chips) throw noSuchChip(key, array.chips, index);
    const place = { index, kind: 'bytes', ...bytesOf(array, index) } as const;
    const bytes = await range(place.offset, place.length);
    if (bytes.length < place.length) throw new InvalidSceneFile(`${key}: is cut short in its chip ${index}`);
    return { place, planes: array.planesOfChip(index, bytes), truth: null };
  },
};

/** A chip can be read again even if the limit was lowered since the file was read. */
const MOST_HELD = MOST_SCENE_LIMITS.maxRecordBytes;

type File = Omit<SceneStream, 'chunks'>;

/** The state of reading a file: yields the chips that each chunk completes, and those that are only known at the end. */
type Reading = { take(chunk: Uint8Array): Iterable<Chip>; end(): Iterable<Chip> };

/** Decides how to read a file by its start; undefined until enough of it is there. */
function begin(file: File, start: Uint8Array, model: ModelPackage, mostHeld: number): Reading | undefined {
  const { key, size } = file;
  if (start.length < Math.min(HEAD_BYTES, size)) return undefined;
  if (isArchive(start)) return held(file, 'an archive', mostHeld, (bytes) => readArchive(key, bytes, model, mostHeld));
  const header = readHeader(key, start);
  if (header === undefined) return undefined;
  const array = arrayOf(file, header, model);
  if (array.isFortranOrder) return held(file, 'an array in Fortran order', mostHeld, (bytes) => columns(bytes, array));
  if (array.chipBytes > mostHeld)
    throw new InvalidSceneFile(
      `${key}: found chips of ${array.chipBytes} bytes, allowed are at most ${mostHeld} (the parameter maxRecordBytes)`,
    );
  return streamed(key, array);
}

/** Returns whether a file with this beginning is an archive whose first file is an array. */
function isArchive(head: Uint8Array): boolean {
  const first = firstName(head);
  return first !== undefined && (first.name.endsWith('.npy') || !first.isWhole);
}

/** Returns an array of chips that fills the file after its header. */
function arrayOf({ key, size }: File, header: NpyHeader, model: ModelPackage): ChipArray {
  const array = chipArrayOf(key, header, model);
  const found = size - array.dataStart;
  const bytes = `found ${found} bytes of values, allowed are ${array.bytes} for its shape`;
  if (found < array.bytes) throw new InvalidSceneFile(`${key}: is cut short: ${bytes}`);
  if (found > array.bytes) throw new InvalidSceneFile(`${key}: continues after its array: ${bytes}`);
  return array;
}

function bytesOf({ dataStart, chipBytes }: ChipArray, index: number): { offset: number; length: number } {
  return { offset: dataStart + index * chipBytes, length: chipBytes };
}

/** Reads an array whose chips are contiguous: each is yielded as soon as its bytes are there. */
function streamed(key: string, array: ChipArray): Reading {
  const { chips, chipBytes } = array;
  let before = array.dataStart;
  let index = 0;
  /** The beginning of a chip that the next chunk completes: its first `have` bytes. */
  const joined = new Uint8Array(chipBytes);
  let have = 0;

  function chipIn(bytes: Uint8Array): Chip {
    const place = { index, kind: 'bytes', ...bytesOf(array, index) } as const;
    const chip = { place, planes: array.planesOfChip(index, bytes), truth: null };
    index += 1;
    return chip;
  }

  return {
    *take(chunk) {
      let at = Math.min(before, chunk.length);
      before -= at;
      if (have > 0) {
        const part = chunk.subarray(at, at + chipBytes - have);
        joined.set(part, have);
        have += part.length;
        at += part.length;
        if (have < chipBytes) return;
        yield chipIn(joined);
      }
      for (; at + chipBytes <= chunk.length && index < chips; at += chipBytes)
        yield chipIn(chunk.subarray(at, at + chipBytes));
      have = chunk.length - at;
      if (have > 0 && index === chips)
        throw new InvalidSceneFile(`${key}: continues after its array of ${chips} chips`);
      joined.set(chunk.subarray(at));
    },
    end() {
      if (index < chips) throw new InvalidSceneFile(`${key}: is cut short: found ${index} of its ${chips} chips`);
      return [];
    },
  };
}

/** Reads a file whose chips are only known once all of it is in memory. */
function held(
  { key, size }: File,
  what: string,
  mostHeld: number,
  read: (bytes: Uint8Array) => ChipsInMemory,
): Reading {
  if (size > mostHeld)
    throw new InvalidSceneFile(
      `${key}: found ${what} of ${size} bytes, which is held in memory whole, allowed are at most ${mostHeld} (the parameter maxRecordBytes). Send it in several files, or as .npy in C order, which is read piece by piece.`,
    );
  const bytes = new Uint8Array(size);
  let have = 0;
  return {
    take(chunk) {
      if (have + chunk.length > size) throw new InvalidSceneFile(`${key}: continues after its ${size} bytes`);
      bytes.set(chunk, have);
      have += chunk.length;
      return [];
    },
    *end() {
      const found = read(bytes.subarray(0, have));
      for (let index = 0; index < found.chips; index += 1) yield chipOf(key, found, index);
    },
  };
}

function columns(file: Uint8Array, { chips, dataStart, planesIn }: ChipArray): ChipsInMemory {
  return { chips, planes: planesIn(file.subarray(dataStart)), truth: () => null };
}

function chipOf(key: string, { chips, planes, truth }: ChipsInMemory, index: number): Chip {
  if (index >= chips) throw noSuchChip(key, chips, index);
  return { place: { index, kind: 'index' }, planes: planes(index), truth: truth(index) };
}

function noSuchChip(key: string, chips: number, index: number): InvalidSceneFile {
  return new InvalidSceneFile(`${key}: has no chip ${index}, found are ${chips}`);
}

/** Most headers take 128 bytes. */
const USUAL_HEAD_BYTES = 1024;

async function headerOf({ key, range }: SceneRanges): Promise<NpyHeader> {
  const header = readHeader(key, await range(0, USUAL_HEAD_BYTES)) ?? readHeader(key, await range(0, MOST_HEAD_BYTES));
  if (header === undefined) throw new InvalidSceneFile(`${key}: is cut short in its header`);
  return header;
}
