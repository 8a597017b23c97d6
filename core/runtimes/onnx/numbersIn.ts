import type { Tensor } from 'onnxruntime-node';
import type { Plane } from '../../models/dataTypes.ts';

/** A model's numbers as an array of the caller's own: whole numbers of 64 bits as float64, floats of 16 bits as float32. */
export function numbersIn({ data }: Tensor): Plane {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float64Array.from(data, Number);
  if (data instanceof Float16Array) return Float32Array.from(data);
  return data as Plane;
}
