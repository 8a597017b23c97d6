/** The types that bands and tensors may have, by their names in STAC 1.1, each with the array that holds it. */
const arrays = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

export type DataType = keyof typeof arrays;

/** The types that a model's output may have; those beside `DataType` are read as float64, or float32. */
export const outputTypes = [...(Object.keys(arrays) as DataType[]), 'float16', 'int64', 'uint64'] as const;
export type OutputType = (typeof outputTypes)[number];

/** Those of them that can hold a probability, in an error. */
export const FLOATS = '"float16", "float32", "float64"';

export function isFloat(type: OutputType): boolean {
  return type.startsWith('float');
}

/** The values of one band of one chip, row by row; or of a whole tensor. */
export type Plane =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

export const dataTypes = Object.keys(arrays) as DataType[];

export function bytesPerValue(type: DataType): number {
  return arrays[type].BYTES_PER_ELEMENT;
}

export function makePlane(type: DataType, length: number): Plane {
  return new arrays[type](length);
}

/**
 * Little-endian bytes as values: a view where they lie on a boundary of their type, else a copy. (Every platform that
 * runs Node with this service's native parts is little-endian, so typed arrays read them as they are.)
 */
export function planeOver(type: DataType, bytes: Uint8Array): Plane {
  const array: new (buffer: ArrayBufferLike, offset: number, length: number) => Plane = arrays[type];
  const size = bytesPerValue(type);
  const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return new array(buffer, byteOffset, bytes.length / size);
}

/** The smallest and the largest value of the type; infinite for floats. */
export function rangeOf(type: DataType): { low: number; high: number } {
  if (type === 'float32' || type === 'float64') return { low: -Infinity, high: Infinity };
  const values = 2 ** (8 * bytesPerValue(type));
  return type.startsWith('u') ? { low: 0, high: values - 1 } : { low: -values / 2, high: values / 2 - 1 };
}
