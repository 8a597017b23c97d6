import { type DataType, makePlane } from '../arrays/dataTypes.ts';
import { InvalidSceneFile } from '../base/errors.ts';
import heldBy from './heldBy.json' with { type: 'json' };

export type NumberType = keyof typeof heldBy;

/** The package types that hold all values of a type. None holds 64-bit integers: they are read as any, and each is checked. */
const HELD_BY: Readonly<Record<NumberType, readonly string[]>> = heldBy;

export const isNumberType = (name: string): name is NumberType => Object.hasOwn(HELD_BY, name);

/** Returns whether values of a type can be read as the package's type. */
export const isHeldBy = (type: NumberType, dataType: DataType): boolean => HELD_BY[type].includes(dataType);

/** Converts values to a type that must hold each exactly, or throws `InvalidSceneFile`, beginning with `found` of an index. */
export function narrowed(values: ArrayLike<number | bigint>, dataType: DataType, found: (index: number) => string) {
  const plane = makePlane(dataType, values.length);
  for (let i = 0; i < values.length; i += 1) {
    const stored = values[i]!;
    const value = Number(stored);
    plane[i] = value;
    if (plane[i] !== value || (typeof stored === 'bigint' && BigInt(value) !== stored))
      throw new InvalidSceneFile(`${found(i)}, which does not fit ${dataType}`);
  }
  return plane;
}
