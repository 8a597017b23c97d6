import { InvalidSceneFile } from '../../../base/errors.ts';
import { MOST_SCENE_LIMITS } from '../../../base/limits.ts';
import type { Chip } from '../../../package/chip.ts';
import type { ModelPackage } from '../../../package/package.ts';
import { begun } from '../../begun.ts';
import { streamedRanges } from '../../streamedRanges.ts';
import type { Format, SceneRanges, SceneStream } from '../format.ts';
import { firstName } from '../zip/directory.ts';
import { type ChipArray, chipArrayOf } from './chips.ts';
import { beginsLikeNpy, MOST_HEAD_BYTES, type NpyHeader, readHeader } from './header.ts';
import { type ChipsInMemory, readArchive } from './npz.ts';

/** Arrays of chips as NumPy stores them: one (.npy), or several in an archive (.npz). docs/formats.md says which. */
export const numpy: Format = {
  name: 'NumPy (.npy, .npz)',
  sniff: (head) => (beginsLikeNpy(head) || isArchive(head) ? 'yes' : 'no'),

  makeReader: (model, { maxRecordBytes }) =>
    async function* (scene) {
      const { key, size } = scene;
      const { start, chunks } = await begun(scene.chunks, Math.min(size, MOST_HEAD_BYTES));
      const array = isArchive(start) ? undefined : arrayOf(scene, headerIn(key, start), model);
      if (array !== undefined && !array.isFortranOrder) yield* streamed({ ...scene, chunks }, array, maxRecordBytes);
      else {
        const what = array === undefined ? 'an archive' : 'an array in Fortran order';
        const bytes = await held({ ...scene, chunks }, what, maxRecordBytes);
        yield allOf(key, await inMemory(key, bytes, model, maxRecordBytes, array));
      }
    },

  async readChip(scene, { index }, model) {
    const { key, size, head, range } = scene;
    const array = isArchive(head) ? undefined : arrayOf(scene, await headerOf(scene), model);
    if (array === undefined || array.isFortranOrder) {
      const file = await range(0, size);
      return chipOf(key, await inMemory(key, file, model, MOST_SCENE_LIMITS.maxRecordBytes, array), index);
    }
    if (index >= array.chips) throw noSuchChip(key, array.chips, index);
    const bytes = await range(array.dataStart + index * array.chipBytes, array.chipBytes);
    if (bytes.length < array.chipBytes) throw new InvalidSceneFile(`${key}: is cut short in its chip ${index}`);
    return chipOfBytes(array, index, bytes);
  },
};

function isArchive(head: Uint8Array): boolean {
  const first = firstName(head);
  return first !== undefined && (first.name.endsWith('.npy') || !first.isWhole);
}

/** Returns an array of chips that fills the file after its header. */
function arrayOf({ key, size }: { key: string; size: number }, header: NpyHeader, model: ModelPackage): ChipArray {
  const array = chipArrayOf(key, header, model);
  const found = size - array.dataStart;
  const bytes = `found ${found} bytes of values, allowed are ${array.bytes} for its shape`;
  if (found < array.bytes) throw new InvalidSceneFile(`${key}: is cut short: ${bytes}`);
  if (found > array.bytes) throw new InvalidSceneFile(`${key}: continues after its array: ${bytes}`);
  return array;
}

function chipOfBytes({ dataStart, chipBytes, planesOfChip }: ChipArray, index: number, bytes: Uint8Array): Chip {
  const place = { index, kind: 'bytes', offset: dataStart + index * chipBytes, length: chipBytes } as const;
  return { place, planes: planesOfChip(index, bytes), truth: null };
}

/** How many bytes of chips are read at once; a larger chip is read by itself. */
const PIECE_BYTES = 1024 ** 2;

/** Reads an array whose chips are contiguous, some of them at once. */
async function* streamed(scene: SceneStream, array: ChipArray, mostHeld: number) {
  const { key } = scene;
  const { chips, chipBytes, dataStart } = array;
  if (chipBytes > mostHeld)
    throw new InvalidSceneFile(
      `${key}: found chips of ${chipBytes} bytes, allowed are at most ${mostHeld} (the parameter maxRecordBytes)`,
    );
  const { range, goTo } = streamedRanges(scene);
  const atOnce = Math.max(1, Math.floor(PIECE_BYTES / chipBytes));
  for (let first = 0; first < chips; first += atOnce) {
    const bytes = await range(dataStart + first * chipBytes, Math.min(atOnce, chips - first) * chipBytes);
    const found = Math.floor(bytes.length / chipBytes);
    yield chipsIn(array, first, found, bytes);
    if (found < Math.min(atOnce, chips - first))
      throw new InvalidSceneFile(`${key}: is cut short: found ${first + found} of its ${chips} chips`);
  }
  await goTo(scene.size);
}

/** Makes each chip when it is asked for: a piece may have a million. */
function* chipsIn(array: ChipArray, first: number, found: number, bytes: Uint8Array): Generator<Chip, void, void> {
  const { chipBytes } = array;
  for (let i = 0; i < found; i += 1)
    yield chipOfBytes(array, first + i, bytes.subarray(i * chipBytes, (i + 1) * chipBytes));
}

/** Returns all of a file whose chips are only known once it is in memory. */
async function held(scene: SceneStream, what: string, mostHeld: number): Promise<Uint8Array> {
  const { key, size } = scene;
  if (size > mostHeld)
    throw new InvalidSceneFile(
      `${key}: found ${what} of ${size} bytes, which is held in memory whole, allowed are at most ${mostHeld} (the parameter maxRecordBytes). Send it in several files, or as .npy in C order, which is read piece by piece.`,
    );
  const { range, goTo } = streamedRanges(scene);
  const bytes = await range(0, size);
  await goTo(size);
  return bytes;
}

/** Returns the chips of an archive, or of an array in Fortran order. */
async function inMemory(key: string, file: Uint8Array, model: ModelPackage, mostBytes: number, array?: ChipArray) {
  if (array === undefined) return readArchive(key, file, model, mostBytes);
  return { chips: array.chips, planes: array.planesIn(file.subarray(array.dataStart)), truth: () => null };
}

function* allOf(key: string, found: ChipsInMemory): Generator<Chip, void, void> {
  for (let index = 0; index < found.chips; index += 1) yield chipOf(key, found, index);
}

function chipOf(key: string, { chips, planes, truth }: ChipsInMemory, index: number): Chip {
  if (index >= chips) throw noSuchChip(key, chips, index);
  return { place: { index, kind: 'index' }, planes: planes(index), truth: truth(index) };
}

const noSuchChip = (key: string, chips: number, index: number): InvalidSceneFile =>
  new InvalidSceneFile(`${key}: has no chip ${index}, found are ${chips}`);

/** Most headers take 128 bytes, which are known already. */
const headerOf = async ({ key, head, range }: SceneRanges): Promise<NpyHeader> =>
  readHeader(key, head) ?? headerIn(key, await range(0, MOST_HEAD_BYTES));

function headerIn(key: string, start: Uint8Array): NpyHeader {
  const header = readHeader(key, start);
  if (header === undefined) throw new InvalidSceneFile(`${key}: is cut short in its header`);
  return header;
}
