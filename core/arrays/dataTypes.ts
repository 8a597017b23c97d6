/** The types of bands and tensors by their STAC 1.1 names, each with the array that holds it. */
export const arrays = {
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

/** The types of a model's output; those not in `DataType` are read as float64 or float32. */
export const outputTypes = [...(Object.keys(arrays) as DataType[]), 'float16', 'int64', 'uint64'] as const;
export type OutputType = (typeof outputTypes)[number];

/** The types that can hold a probability, as errors list them. */
export const FLOATS = '"float16", "float32", "float64" (of integers, add a Cast to float32 at the end of the graph)';

export const isFloat = (type: OutputType): boolean => type.startsWith('float');

/** The largest 32-bit float: no model means a number beyond it, and the sums of squares of such numbers are not finite. */
export const LARGEST_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

/** The values of one band of one chip, row by row, or of a whole tensor. */
export type Plane = (typeof arrays)[DataType]['prototype'];

/** Returns the largest value of an integer type, at which an overexposed detector saturates; null for other types. */
export const largestOf = (type: DataType): number | null => (isFloat(type) ? null : rangeOf(type).high);

export const dataTypes = Object.keys(arrays) as DataType[];

export const bytesPerValue = (type: DataType): number => arrays[type].BYTES_PER_ELEMENT;

export const makePlane = (type: DataType, length: number): Plane => new arrays[type](length);

/**
 * Reads little-endian bytes as values: a view if they are aligned to their type, else a copy. (Every platform that runs
 * Node with this service's native dependencies is little-endian, so typed arrays read them as they are.)
 */
export function planeOver(type: DataType, bytes: Uint8Array): Plane {
  const array: new (buffer: ArrayBufferLike, offset: number, length: number) => Plane = arrays[type];
  const size = bytesPerValue(type);
  const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return new array(buffer, byteOffset, bytes.length / size);
}

export const inputTypes = [...dataTypes, 'float16', 'int64'] as const;
export type InputType = (typeof inputTypes)[number];

/** Returns the type to read bands as for an input of this type, if their own type is not stated. */
export const bandTypeFor = (type: InputType): DataType =>
  type === 'float16' ? 'float32' : type === 'int64' ? 'int32' : type;

export type InputValues = Plane | Float16Array;

/** Returns an array for an input of this type. 64-bit integers are computed as float64: see `int64sOf`. */
export function makeInputValues(type: InputType, length: number): InputValues {
  if (type === 'float16') return new Float16Array(length);
  return makePlane(type === 'int64' ? 'float64' : type, length);
}

/** Writes the integer parts as little-endian 64-bit integers, without a bigint per value; NaN becomes 0. */
export function int64sOf(values: Float64Array, into: BigInt64Array): void {
  const words = new Int32Array(into.buffer, into.byteOffset, 2 * values.length);
  for (let i = 0; i < values.length; i += 1) {
    const whole = Math.trunc(values[i]!) || 0;
    const high = Math.floor(whole / 2 ** 32);
    words[2 * i] = whole - high * 2 ** 32; // keeps the lower 32 bits
    words[2 * i + 1] = high;
  }
}

/** The type's smallest and largest value: infinite for floats; for 64-bit integers, those that a float64 can hold. */
export function rangeOf(type: InputType): { low: number; high: number } {
  if (type === 'float16' || isFloat(type)) return { low: -Infinity, high: Infinity };
  if (type === 'int64') return { low: -(2 ** 63), high: 2 ** 63 - 1024 };
  const values = 2 ** (8 * bytesPerValue(type));
  return type.startsWith('u') ? { low: 0, high: values - 1 } : { low: -values / 2, high: values / 2 - 1 };
}

/** A window of a raster in pixels, counted from the top left. */
export type RasterWindow = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** A stored value stands for `value * scale + offset`. */
export type Meaning = { readonly scale: number; readonly offset: number };

/** Converts stored values to physical ones, computed in float64 and rounded once. */
export function toPhysical(stored: ArrayLike<number | bigint>, plane: Plane, { scale, offset }: Meaning): Plane {
  for (let i = 0; i < stored.length; i += 1) plane[i] = Number(stored[i]!) * scale + offset;
  return plane;
}

/** Returns a limit as values of a type are compared with it, as in NumPy 2: rounded as they are, so that a float32 of 0.7 reaches 0.7. */
export const limitIn = (type: OutputType, limit: number): number =>
  type === 'float32' ? Math.fround(limit) : type === 'float16' ? Math.f16round(limit) : limit;
