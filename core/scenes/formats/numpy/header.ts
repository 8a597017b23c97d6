import * as z from 'zod';
import { citedStart, InvalidSceneFile, orElse } from '../../../base/errors.ts';

/** The header of an array in NumPy's format. https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
export type NpyHeader = {
  /** The values' type as written, such as `<f4`; null for several fields. */
  readonly descr: string | null;
  readonly isFortranOrder: boolean;
  readonly shape: readonly number[];
  readonly dataStart: number;
};

/** One character stands for one byte. */
const MAGIC = '\x93NUMPY';
/** The most that version 1.0 can express; an array of plain numbers needs at most two hundred. */
const MOST_HEADER_BYTES = 0xffff;
export const MOST_HEAD_BYTES = MOST_HEADER_BYTES + 12;

export const beginsLikeNpy = (head: Uint8Array): boolean => textOf(head.subarray(0, MAGIC.length)) === MAGIC;

/** Reads an array's header; undefined if these bytes end before. Throws `InvalidSceneFile`, beginning with `where`. */
export function readHeader(where: string, bytes: Uint8Array): NpyHeader | undefined {
  if (!beginsLikeNpy(bytes))
    throw new InvalidSceneFile(`${where}: is not an array in NumPy's format: it does not begin with its magic bytes`);
  if (bytes.length < 12) return undefined;
  const fields = new DataView(bytes.buffer, bytes.byteOffset, 12);
  const [major, minor] = [fields.getUint8(6), fields.getUint8(7)];
  if (major < 1 || major > 3 || minor !== 0)
    throw new InvalidSceneFile(
      `${where}: found version ${major}.${minor} of NumPy's format, allowed are 1.0, 2.0 and 3.0`,
    );
  const start = major === 1 ? 10 : 12;
  const length = major === 1 ? fields.getUint16(8, true) : fields.getUint32(8, true);
  if (length > MOST_HEADER_BYTES)
    throw new InvalidSceneFile(`${where}: found a header of ${length} bytes, allowed are at most ${MOST_HEADER_BYTES}`);
  const dataStart = start + length;
  if (bytes.length < dataStart) return undefined;
  return { ...parse(where, textOf(bytes.subarray(start, dataStart))), dataStart };
}

/** Returns an array's shape for an error message, shortened, because a file may state very many dimensions. */
export const shownShape = ({ shape }: NpyHeader): string => `[${shape.slice(0, 8).join(', ')}]`;

/** Decodes one character per byte; everything that is understood is ASCII. */
const textOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

/** A shape as Python writes it; JSON also has other lists and numbers. */
const SHAPE = /(['"])shape\1\s*:\s*\((?:\s*\d+L?\s*,)*(?:\s*\d+L?)?\s*\)/;
const literalSchema = z.strictObject({ descr: z.string(), fortran_order: z.boolean(), shape: z.array(z.int().min(0)) });

/** Reads the Python dictionary that numpy writes, as the JSON that it nearly is; nothing is evaluated. */
function parse(where: string, literal: string): Omit<NpyHeader, 'dataStart'> {
  // A list or tuple means named fields. The rest of the header does not matter then.
  if (/^\s*\{\s*(['"])descr\1\s*:\s*[[(]/.test(literal)) return { descr: null, isFortranOrder: false, shape: [] };
  const json = literal
    .replace(/'([^'"\\]*)'/g, '"$1"')
    .replace(/\b(?:True|False)\b/g, (word) => word.toLowerCase())
    .replace(/(\d)L\b/g, '$1') // Python 2
    .replaceAll('(', '[')
    .replaceAll(')', ']')
    .replace(/,\s*([\]}])/g, '$1');
  const found = literalSchema.safeParse(orElse(null, () => JSON.parse(json)));
  if (!found.success || json.match(/"[^"]*"\s*:/g)?.length !== 3 || !SHAPE.test(literal))
    throw new InvalidSceneFile(
      `${where}: its header ${citedStart(literal.trimEnd(), 100)} is invalid: allowed are descr, fortran_order and shape, once each, as numpy writes them`,
    );
  const { descr, fortran_order: isFortranOrder, shape } = found.data;
  return { descr, isFortranOrder, shape };
}
