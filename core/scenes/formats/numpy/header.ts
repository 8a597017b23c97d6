import { InvalidSceneFile } from '../../../base/errors.ts';
import { citedStart } from '../../../base/text/cited.ts';

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
/** The most bytes that a header may take in total. */
export const MOST_HEAD_BYTES = MOST_HEADER_BYTES + 12;

export const beginsLikeNpy = (head: Uint8Array): boolean => textOf(head.subarray(0, MAGIC.length)) === MAGIC;

/**
 * Reads the header that an array begins with; undefined if it continues after these bytes. Error messages begin with
 * `where`.
 *
 * @throws {InvalidSceneFile} when the header is damaged or unsupported
 */
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
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** Matches a token of a Python literal: a text, a word, a number or a punctuation mark. */
const PIECE = /\s*(?:'([^'\\]*)'|"([^"\\]*)"|(True|False)|(\d{1,15})L?(?!\w)|([{}():,[\]]))/y;

type Piece = { text?: string | undefined; is?: boolean; number?: number; sign?: string | undefined };

/** Parses the Python dictionary literal that numpy writes. Only these few tokens are accepted; nothing is evaluated. */
function parse(where: string, literal: string): Omit<NpyHeader, 'dataStart'> {
  const wrong = (what: string) =>
    new InvalidSceneFile(`${where}: its header ${citedStart(literal.trimEnd(), 100)} is invalid: ${what}`);
  const end = literal.trimEnd().length;
  PIECE.lastIndex = 0;

  function next(): Piece {
    const at = PIECE.lastIndex;
    const found = PIECE.exec(literal);
    if (found === null) throw wrong(`nothing that is known stands at character ${at}`);
    const [, single, double, word, digits, sign] = found;
    if (word !== undefined) return { is: word === 'True' };
    if (digits !== undefined) return { number: Number(digits) };
    return { text: single ?? double, sign };
  }
  function expect(sign: string): void {
    if (next().sign !== sign) throw wrong(`there is no ${sign} where one should be`);
  }
  /** Skips a comma or the closing sign; returns whether it was the closing sign. */
  function endsBy(sign: string): boolean {
    const found = next().sign;
    if (found !== ',' && found !== sign) throw wrong(`there is no comma and no ${sign} where one should be`);
    return found === sign;
  }
  function numbers(): number[] {
    expect('(');
    const found: number[] = [];
    for (;;) {
      const { number, sign } = next();
      if (sign === ')') return found;
      if (number === undefined) throw wrong('the shape is not made of numbers');
      found.push(number);
      if (endsBy(')')) return found;
    }
  }

  let descr: string | undefined;
  let isFortranOrder: boolean | undefined;
  let shape: number[] | undefined;
  expect('{');
  for (;;) {
    const { text: key, sign } = next();
    if (sign === '}') break;
    expect(':');
    if (key === 'descr' && descr === undefined) {
      const { text, sign: bracket } = next();
      // A list or tuple means named fields. The rest of the header does not matter then.
      if (bracket !== undefined) return { descr: null, isFortranOrder: false, shape: [] };
      if (text === undefined) throw wrong('the type of the values is no text');
      descr = text;
    } else if (key === 'fortran_order' && isFortranOrder === undefined) {
      isFortranOrder = next().is;
      if (isFortranOrder === undefined) throw wrong('fortran_order is neither True nor False');
    } else if (key === 'shape' && shape === undefined) shape = numbers();
    else throw wrong('allowed are descr, fortran_order and shape, once each');
    if (endsBy('}')) break;
  }
  if (PIECE.lastIndex < end) throw wrong('something follows its end');
  if (descr === undefined || isFortranOrder === undefined || shape === undefined)
    throw wrong('descr, fortran_order or shape is missing');
  return { descr, isFortranOrder, shape };
}
