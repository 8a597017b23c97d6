import { type Plane, planeOver } from '../../../arrays/dataTypes.ts';
import { citedStart, InvalidSceneFile, listed } from '../../../base/errors.ts';
import { MOST_SCENE_LIMITS } from '../../../base/limits.ts';
import { storedIn } from '../../../package/bands.ts';
import type { Dimension } from '../../../package/dimension.ts';
import type { Chip, ModelPackage } from '../../../package/package.ts';
import { isHeldBy } from '../../lossless.ts';
import { rangesIn } from '../../rangesIn.ts';
import { streamedRanges } from '../../streamedRanges.ts';
import { begun, type Format, type SceneRanges, type SceneStream } from '../format.ts';
import { firstName } from '../zip/directory.ts';
import { contentOf, membersOf } from '../zip/members.ts';
import { copyPlane, dtypeOf, type Values, valuesOf } from './dtype.ts';
import { beginsLikeNpy, MOST_HEAD_BYTES, type NpyHeader, readHeader, shownShape } from './header.ts';

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
  const { chips, chipBytes, dataStart } = array;
  if (chipBytes > mostHeld)
    throw new InvalidSceneFile(
      `${scene.key}: found chips of ${chipBytes} bytes, allowed are at most ${mostHeld} (the parameter maxRecordBytes)`,
    );
  const { range, goTo } = streamedRanges(scene);
  const atOnce = Math.max(1, Math.floor(PIECE_BYTES / chipBytes));
  for (let first = 0; first < chips; first += atOnce) {
    const bytes = await range(dataStart + first * chipBytes, Math.min(atOnce, chips - first) * chipBytes);
    const found = Math.floor(bytes.length / chipBytes);
    yield chipsIn(array, first, found, bytes);
    if (found < Math.min(atOnce, chips - first))
      throw new InvalidSceneFile(`${scene.key}: is cut short: found ${first + found} of its ${chips} chips`);
  }
  await goTo(scene.size);
}

/** Makes each chip when it is asked for: a piece may have a million. */
function* chipsIn(array: ChipArray, first: number, found: number, bytes: Uint8Array): Generator<Chip, void, void> {
  for (let i = 0; i < found; i += 1)
    yield chipOfBytes(array, first + i, bytes.subarray(i * array.chipBytes, (i + 1) * array.chipBytes));
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

type ChipsInMemory = Awaited<ReturnType<typeof readArchive>>;

/** Names that the array of labels may have besides the package's name for its truth; the first one present is used. */
const LABELS = ['y', 'labels'];

type NamedArray = { name: string; where: string; header: NpyHeader; data: Uint8Array };

/**
 * Reads an archive. Its only array of four dimensions holds the chips. If the package names a truth, an array of that name,
 * or of one of the usual names, holds the label of each chip. Other arrays are ignored.
 * @throws {InvalidSceneFile} also when the unpacked arrays would exceed `mostBytes`, before any is unpacked
 */
async function readArchive(key: string, file: Uint8Array, model: ModelPackage, mostBytes: number) {
  const arrays = await arraysOf(key, file, mostBytes);
  const chipArrays = arrays.filter(({ header }) => header.shape.length === 4);
  const [found] = chipArrays;
  if (found === undefined || chipArrays.length > 1)
    throw new InvalidSceneFile(
      `${key}: found ${chipArrays.length} arrays of four dimensions among its ${arrays.length} (${namesOf(arrays)}), allowed is one`,
    );
  const array = chipArrayOf(found.where, found.header, model);
  if (found.data.length !== array.bytes)
    throw new InvalidSceneFile(
      `${found.where}: found ${found.data.length} bytes of values, allowed are ${array.bytes} for its shape`,
    );
  const truth = truthOf(arrays, array.chips, model);
  return { chips: array.chips, planes: array.planesIn(found.data), truth };
}

async function arraysOf(key: string, file: Uint8Array, mostBytes: number): Promise<NamedArray[]> {
  const range = rangesIn(file);
  const members = (await membersOf({ key, size: file.length, range })).filter(({ name }) => name.endsWith('.npy'));
  for (const [name, { length }] of Map.groupBy(members, (member) => member.name))
    if (length > 1) throw new InvalidSceneFile(`${key}: is damaged: ${citedStart(name, 100)} is in it twice`);
  const bytes = members.reduce((sum, member) => sum + member.bytes, 0);
  if (bytes > mostBytes)
    throw new InvalidSceneFile(
      `${key}: its arrays take ${bytes} bytes unpacked, at most ${mostBytes} are allowed (the parameter maxRecordBytes)`,
    );
  return Array.fromAsync(members, async (member) => {
    const name = member.name.slice(0, -'.npy'.length);
    const where = `${key}: ${shown(name)}`;
    const content = await contentOf(range, member);
    const header = headerIn(where, content);
    return { name, where, header, data: content.subarray(header.dataStart) };
  });
}

function truthOf(arrays: NamedArray[], chips: number, model: ModelPackage): (index: number) => number | null {
  const { type, allowed } = model.task.truth;
  const isWhole = type === 'INT32';
  const names = model.truth === null ? [] : [model.truth, ...LABELS];
  const labels = names.flatMap((name) => arrays.filter((array) => array.name === name))[0];
  if (labels === undefined) return () => null;
  const { where, header, data } = labels;
  const dtype = dtypeOf(where, header.descr);
  if (header.shape.length !== 1 || header.shape[0] !== chips || (isWhole && dtype.name.startsWith('float')))
    throw new InvalidSceneFile(
      `${where}: found ${dtype.name} values of the shape ${shownShape(header)}, allowed is a ${isWhole ? 'whole ' : ''}number for each of the ${chips} chips`,
    );
  if (data.length !== chips * dtype.bytes)
    throw new InvalidSceneFile(`${where}: found ${data.length} bytes of values, allowed are ${chips * dtype.bytes}`);
  const values: Values = valuesOf(dtype, data);
  const { has, words } = allowed(model);
  return (index) => {
    const label = Number(values[index]!);
    if (!has(label))
      throw new InvalidSceneFile(`${where}: found ${values[index]} for chip ${index}, allowed is ${words}`);
    return label;
  };
}

const namesOf = (arrays: readonly NamedArray[]): string =>
  listed(arrays.map(({ name, header }) => `${shown(name)} of ${shownShape(header)}`));

const shown = (name: string): string => citedStart(name, 40);

type ChipArray = ReturnType<typeof chipArrayOf>;

/**
 * Interprets an array as chips of this model: chips × the dimensions of the model's input, in its order, in the file's own
 * height, width and bands.
 * @throws {InvalidSceneFile} when the array does not fit; the message begins with `where`
 */
function chipArrayOf(where: string, header: NpyHeader, { source, tensor }: ModelPackage) {
  const { bands, height, width } = storedIn(source);
  const dtype = dtypeOf(where, header.descr);
  const inner = tensor.dimensions.filter((dimension) => dimension !== 'batch');
  const sizes: Sizes = { bands: bands.length, height, width };
  const wanted = inner.map((dimension) => sizes[dimension]);
  const [chips = 0, ...found] = header.shape;
  if (found.length !== wanted.length || found.some((size, i) => size !== wanted[i]))
    throw new InvalidSceneFile(
      `${where}: found an array of the shape ${shownShape(header)}, allowed is [any, ${wanted.join(', ')}]: chips × ${inner.join(' × ')}`,
    );
  if (chips === 0) throw new InvalidSceneFile(`${where}: found an array without chips, allowed is at least one`);
  for (const { name, dataType } of bands)
    if (!isHeldBy(dtype.name, dataType))
      throw new InvalidSceneFile(
        `${where}: found values of ${dtype.name}, allowed is ${dataType} for the band ${name}, or a type whose every value ${dataType} holds`,
      );

  const chipValues = bands.length * height * width;
  const steps = stepsOf(inner, sizes, header.isFortranOrder ? chips : 1, header.isFortranOrder);
  const bandWhere = (index: number, band: number) => () => `${where}: chip ${index}: band ${bands[band]!.name}`;
  const planes = (values: Values, start: number, index: number) =>
    bands.map(({ dataType, asMeant }, band) =>
      asMeant(copyPlane(values, start + band * steps.bands, steps, source, dataType, bandWhere(index, band))),
    );
  const isAsItStands = !dtype.isBigEndian && bands.every(({ dataType }) => dataType === dtype.name);
  const isView = inner[0] === 'bands' && inner[1] === 'height' && isAsItStands;
  return {
    chips,
    isFortranOrder: header.isFortranOrder,
    dataStart: header.dataStart,
    chipBytes: chipValues * dtype.bytes,
    bytes: chips * chipValues * dtype.bytes,
    /** Returns the planes of one chip from its own bytes, of an array in C order, as views or copies. */
    planesOfChip(index: number, bytes: Uint8Array): Plane[] {
      if (!isView) return planes(valuesOf(dtype, bytes), 0, index);
      return bands.map(({ dataType, bytesPerChip, asMeant }, band) =>
        asMeant(planeOver(dataType, bytes.subarray(band * bytesPerChip, (band + 1) * bytesPerChip))),
      );
    },
    /** Returns the planes of any chip from the bytes of the whole array. */
    planesIn(bytes: Uint8Array) {
      const values = valuesOf(dtype, bytes);
      return (index: number) => planes(values, header.isFortranOrder ? index : index * chipValues, index);
    },
  };
}

type Sizes = Record<Exclude<Dimension, 'batch'>, number>;

/** Returns the stride of each dimension. In Fortran order the first dimension varies fastest, and `first` is its size. */
function stepsOf(inner: readonly (keyof Sizes)[], sizes: Sizes, first: number, isFortranOrder: boolean): Sizes {
  const steps: Sizes = { bands: 1, height: 1, width: 1 };
  let step = first;
  for (const dimension of isFortranOrder ? inner : inner.toReversed()) {
    steps[dimension] = step;
    step *= sizes[dimension];
  }
  return steps;
}
