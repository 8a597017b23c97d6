import type { Tensor } from 'onnxruntime-node';
import type { Plane } from '../../models/dataTypes.ts';

/** Copies a model's numbers into an array that the caller owns: 64-bit integers as float64, 16-bit floats as float32. */
export function numbersIn({ data }: Tensor): Plane {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float64Array.from(data, Number);
  if (data instanceof Float16Array) return Float32Array.from(data);
  return data as Plane;
}
