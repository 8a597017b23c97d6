import type { ValueTold } from '../../package/graph.ts';
import { eachField, last, textOf } from './protobuf.ts';

/** STAC's names for TensorProto.DataType (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). */
const TYPES: Readonly<Record<number, string>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  10: 'float16',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
};

/** Returns what a ValueInfoProto says of a graph's input or output. */
export function valueInfoOf(bytes: Uint8Array): ValueTold {
  const tensor = last(last(bytes, 2)?.content, 1)?.content;
  const shape = last(tensor, 2)?.content;
  const sizes =
    shape && [...eachField(shape)].filter(({ number }) => number === 1).map(({ content }) => sizeOf(content));
  const type = TYPES[Number(last(tensor, 1)?.value ?? 0n)] ?? 'other';
  return { name: textOf(last(bytes, 1)), type, shape: sizes ?? null };
}

function sizeOf(dimension: Uint8Array): number | string {
  const size = Number(last(dimension, 1)?.value ?? 0n);
  return size > 0 ? size : textOf(last(dimension, 2));
}

/** A type that STAC does not have, or that is not a tensor, is reported as such. */
export function asMetadata({ name, type, shape }: ValueTold) {
  return { name, isTensor: type !== 'other', type, ...(shape !== null && { shape }) };
}
