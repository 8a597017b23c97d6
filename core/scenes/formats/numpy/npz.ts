import { InvalidSceneFile } from '../../../base/errors.ts';
import { citedStart } from '../../../base/text/cited.ts';
import { listed } from '../../../base/text/listed.ts';
import type { ModelPackage } from '../../../package/package.ts';
import { rangesIn } from '../../rangesIn.ts';
import { contentOf, membersOf } from '../zip/members.ts';
import { chipArrayOf } from './chips.ts';
import { dtypeOf, type Values, valuesOf } from './dtype.ts';
import { type NpyHeader, readHeader, shownShape } from './header.ts';

export type ChipsInMemory = Awaited<ReturnType<typeof readArchive>>;

/** Names that the array of labels may have besides the package's name for its truth; the first one present is used. */
const LABELS = ['y', 'labels'];

type NamedArray = { name: string; where: string; header: NpyHeader; data: Uint8Array };

/**
 * Reads an archive. Its only array of four dimensions holds the chips. If the package names a truth, an array of that name,
 * or of one of the usual names, holds the label of each chip. Other arrays are ignored.
 * @throws {InvalidSceneFile} also when the unpacked arrays would exceed `mostBytes`, before any is unpacked
 */
export async function readArchive(key: string, file: Uint8Array, model: ModelPackage, mostBytes: number) {
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
    const header = readHeader(where, content);
    if (header === undefined) throw new InvalidSceneFile(`${where}: is cut short in its header`);
    return { name, where, header, data: content.subarray(header.dataStart) };
  });
}

function truthOf(arrays: NamedArray[], chips: number, model: ModelPackage): (index: number) => number | null {
  const { truth } = model;
  const { type, allowed } = model.task.truth;
  const isWhole = type === 'INT32';
  const names = truth === null ? [] : [truth, ...LABELS];
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
