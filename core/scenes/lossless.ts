import { type DataType, makePlane } from '../arrays/dataTypes.ts';
import { InvalidSceneFile } from '../base/errors.ts';

/** The package types that hold all values of a type. None holds 64-bit integers: they are read as any, and each is checked. */
const HELD_BY = {
  bool: ['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'float32', 'float64'],
  uint8: ['uint8', 'uint16', 'int16', 'uint32', 'int32', 'float32', 'float64'],
  int8: ['int8', 'int16', 'int32', 'float32', 'float64'],
  uint16: ['uint16', 'uint32', 'int32', 'float32', 'float64'],
  int16: ['int16', 'int32', 'float32', 'float64'],
  uint32: ['uint32', 'float64'],
  int32: ['int32', 'float64'],
  uint64: ['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'float32', 'float64'],
  int64: ['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'float32', 'float64'],
  float16: ['float32', 'float64'],
  float32: ['float32', 'float64'],
  float64: ['float64'],
} as const satisfies Record<string, readonly DataType[]>;

export type NumberType = keyof typeof HELD_BY;

export const isNumberType = (name: string): name is NumberType => Object.hasOwn(HELD_BY, name);

/** Returns whether values of a type can be read as the package's type. */
export const isHeldBy = (type: NumberType, dataType: DataType): boolean =>
  (HELD_BY[type] as readonly DataType[]).includes(dataType);

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
