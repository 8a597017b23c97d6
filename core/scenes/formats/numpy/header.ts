import { cited } from '../../../cited.ts';
import { InvalidSceneFile } from '../../../errors.ts';

/** What an array in NumPy's format says of itself. https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
export type NpyHeader = {
  /** The type of its values as it stands there, such as `<f4`; null for one of several fields. */
  readonly descr: string | null;
  readonly isFortranOrder: boolean;
  readonly shape: readonly number[];
  /** The byte at which the values begin. */
  readonly dataStart: number;
};

/** As a text of one character a byte. */
const MAGIC = '\x93NUMPY';
/** Version 1.0 can say no more, and for an array of plain numbers it is two hundred at most. */
const MOST_HEADER_BYTES = 0xffff;
/** As far as a header may go. */
export const MOST_HEAD_BYTES = MOST_HEADER_BYTES + 12;

export function beginsLikeNpy(head: Uint8Array): boolean {
  return textOf(head.subarray(0, MAGIC.length)) === MAGIC;
}

/**
 * The header with which an array begins; undefined where it goes on behind these bytes. `where` begins an error.
 * @throws InvalidSceneFile
 */
export function readHeader(where: string, bytes: Uint8Array): NpyHeader | undefined {
  if (bytes.length >= MAGIC.length && !beginsLikeNpy(bytes))
    throw new InvalidSceneFile(`${where}: is no array in NumPy's format: it does not begin with its mark`);
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

/** A character a byte: of what is understood, nothing is beyond ASCII. */
function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** A piece of a Python literal: a text, a word, a number or a sign. */
const PIECE = /\s*(?:'([^'\\]*)'|"([^"\\]*)"|(True|False)|(\d{1,15})L?(?!\w)|([{}():,[\]]))/y;

type Piece = { text: string } | { is: boolean } | { number: number } | { sign: string };

/** Reads the literal of a Python dictionary that numpy writes. It is read as these few words, and never evaluated. */
function parse(where: string, literal: string): Omit<NpyHeader, 'dataStart'> {
  const wrong = (what: string) =>
    new InvalidSceneFile(
      `${where}: its header ${cited(JSON.stringify(literal.trimEnd().slice(0, 100)).slice(1, -1))} makes no sense: ${what}`,
    );
  const end = literal.trimEnd().length;
  PIECE.lastIndex = 0;

  function next(): Piece {
    const at = PIECE.lastIndex;
    const [, single, double, word, digits, sign] = PIECE.exec(literal) ?? [];
    if (single !== undefined || double !== undefined) return { text: single ?? double ?? '' };
    if (word !== undefined) return { is: word === 'True' };
    if (digits !== undefined) return { number: Number(digits) };
    if (sign !== undefined) return { sign };
    throw wrong(`nothing that is known stands at character ${at}`);
  }
  function expect(sign: string): void {
    const piece = next();
    if (!('sign' in piece) || piece.sign !== sign) throw wrong(`there is no ${sign} where one should be`);
  }
  /** Goes past a comma or the end of what it separates; whether it was the end. */
  function endsBy(sign: string): boolean {
    const piece = next();
    if (!('sign' in piece) || (piece.sign !== ',' && piece.sign !== sign))
      throw wrong(`there is no comma and no ${sign} where one should be`);
    return piece.sign === sign;
  }
  function numbers(): number[] {
    expect('(');
    const found: number[] = [];
    for (;;) {
      const piece = next();
      if ('sign' in piece && piece.sign === ')') return found;
      if (!('number' in piece)) throw wrong('the shape is not made of numbers');
      found.push(piece.number);
      if (endsBy(')')) return found;
    }
  }

  let descr: string | null | undefined;
  let isFortranOrder: boolean | undefined;
  let shape: number[] | undefined;
  expect('{');
  for (;;) {
    const key = next();
    if ('sign' in key && key.sign === '}') break;
    const name = 'text' in key ? key.text : '';
    expect(':');
    if (name === 'descr' && descr === undefined) {
      const piece = next();
      // A list or a tuple: fields with names. What else it says matters no more.
      if ('sign' in piece) return { descr: null, isFortranOrder: false, shape: [] };
      if (!('text' in piece)) throw wrong('the type of the values is no text');
      descr = piece.text;
    } else if (name === 'fortran_order' && isFortranOrder === undefined) {
      const piece = next();
      if (!('is' in piece)) throw wrong('fortran_order is neither True nor False');
      isFortranOrder = piece.is;
    } else if (name === 'shape' && shape === undefined) shape = numbers();
    else throw wrong('allowed are descr, fortran_order and shape, once each');
    if (endsBy('}')) break;
  }
  if (PIECE.lastIndex < end) throw wrong('something stands behind its end');
  if (descr === undefined || isFortranOrder === undefined || shape === undefined)
    throw wrong('descr, fortran_order or shape is missing');
  return { descr, isFortranOrder, shape };
}
