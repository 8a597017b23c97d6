import { type DataType, makePlane, type Plane, planeOver } from '../../../arrays/dataTypes.ts';
import type { Size } from '../../../arrays/resize.ts';
import { citedStart, InvalidSceneFile } from '../../../base/errors.ts';
import { isNumberType, type NumberType } from '../../lossless.ts';
import otherTypes from './otherTypes.json' with { type: 'json' };

export type Dtype = { readonly name: NumberType; readonly bytes: 1 | 2 | 4 | 8; readonly isBigEndian: boolean };

/** Values in this machine's byte order. */
export type Values = Plane | BigInt64Array | BigUint64Array;

const NUMBERS: Record<string, string> = { u: 'uint', i: 'int', f: 'float' };
const OTHERS: Record<string, string> = otherTypes;
const ALLOWED =
  'allowed are numbers of fixed width: bool, int8 to int64, uint8 to uint64, float16 to float64, in either byte order';

/** @throws {InvalidSceneFile} for an unsupported type; the message begins with `where` */
export function dtypeOf(where: string, descr: string | null): Dtype {
  if (descr === null) throw new InvalidSceneFile(`${where}: found an array of several fields; ${ALLOWED}`);
  const [, order = '', kind = '', digits = ''] = /^([<>|])([a-zA-Z])(\d{0,3})/.exec(descr) ?? [];
  const bytes = Number(digits);
  const name = kind === 'b' && bytes === 1 ? 'bool' : `${NUMBERS[kind]}${8 * bytes}`;
  const isOrdered = order === '|' ? bytes === 1 : order !== '';
  if (!isOrdered || !isNumberType(name) || descr.length !== 2 + digits.length)
    throw new InvalidSceneFile(
      `${where}: found an array of ${OTHERS[kind] ?? 'another type'} (${citedStart(descr, 40)}); ${ALLOWED}`,
    );
  return { name, bytes: bytes as Dtype['bytes'], isBigEndian: order === '>' };
}

/** Returns bytes as values: a view if possible, else a copy. */
export function valuesOf({ name, bytes: size, isBigEndian }: Dtype, bytes: Uint8Array): Values {
  const ordered = isBigEndian && size > 1 ? swapped(bytes, size) : bytes;
  if (name === 'bool') return ordered;
  if (name !== 'int64' && name !== 'uint64' && name !== 'float16') return planeOver(name, ordered);
  const { buffer } = new Uint8Array(ordered); // copied, so that they are aligned to their type
  if (name === 'float16') return new Float32Array(new Float16Array(buffer));
  return name === 'int64' ? new BigInt64Array(buffer) : new BigUint64Array(buffer);
}

function swapped(bytes: Uint8Array, size: Dtype['bytes']): Uint8Array {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return size === 2 ? copy.swap16() : size === 4 ? copy.swap32() : copy.swap64();
}

/**
 * Copies a plane out of values, from `start` on.
 * @param steps between neighbouring values: along the width, and along the height
 * @throws {InvalidSceneFile} for a 64-bit integer that the package's type does not hold; the message begins with `where`
 */
export function copyPlane(
  values: Values,
  start: number,
  steps: Size,
  { height, width }: Size,
  dataType: DataType,
  where: () => string,
): Plane {
  const plane = makePlane(dataType, height * width);
  // In a loop of its own: one that gathers them for a second pass takes half as long again.
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    for (let y = 0, to = 0; y < height; y += 1)
      for (let x = 0, at = start + y * steps.height; x < width; x += 1, at += steps.width, to += 1) {
        const value = Number(values[at]!);
        plane[to] = value;
        if (plane[to] !== value || (!Number.isSafeInteger(value) && BigInt(value) !== values[at]))
          throw new InvalidSceneFile(`${where()}: found ${values[at]}, which does not fit ${dataType}`);
      }
    return plane;
  }
  for (let y = 0, to = 0; y < height; y += 1)
    for (let x = 0, at = start + y * steps.height; x < width; x += 1, at += steps.width) plane[to++] = values[at]!;
  return plane;
}
