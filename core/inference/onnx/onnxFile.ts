import { InvalidModelPackage } from '../../base/errors.ts';
import { MAX_ONNX_FIELDS, MAX_ONNX_NESTING } from '../../base/limits.ts';

/**
 * Checks an ONNX model (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) before onnxruntime reads it. A tensor may
 * refer to data in another file, by any path, or at a memory address: a package comes from a user, so such references are
 * not followed. Only messages that can hold a tensor are visited, and none of its data.
 *
 * What this cannot parse is rejected, even if onnxruntime would accept it.
 *
 * @throws {InvalidModelPackage} when a tensor has external data, or the bytes are not a ModelProto
 */
export function checkOnnxFile(file: string, bytes: Uint8Array): void {
  if (isOrtFormat(bytes))
    throw new InvalidModelPackage(`${file}: found a model in onnxruntime's own format, allowed is an ONNX model`);
  walk({ file, bytes, at: 0, fieldsLeft: MAX_ONNX_FIELDS }, MODEL, bytes.length, 1);
}

type Wire = { file: string; bytes: Uint8Array; at: number; fieldsLeft: number };

/** A message of onnx.proto: the fields that lead to a tensor. */
type Message = { name: string; fields: () => Record<number, Message> };

const TENSOR: Message = { name: 'TensorProto', fields: () => ({}) };
const SPARSE_TENSOR: Message = { name: 'SparseTensorProto', fields: () => ({ 1: TENSOR, 2: TENSOR }) };
const ATTRIBUTE: Message = {
  name: 'AttributeProto',
  fields: () => ({ 5: TENSOR, 6: GRAPH, 10: TENSOR, 11: GRAPH, 22: SPARSE_TENSOR, 23: SPARSE_TENSOR }),
};
const NODE: Message = { name: 'NodeProto', fields: () => ({ 5: ATTRIBUTE }) };
const GRAPH: Message = { name: 'GraphProto', fields: () => ({ 1: NODE, 5: TENSOR, 15: SPARSE_TENSOR }) };
const FUNCTION: Message = { name: 'FunctionProto', fields: () => ({ 7: NODE, 11: ATTRIBUTE }) };
const TRAINING: Message = { name: 'TrainingInfoProto', fields: () => ({ 1: GRAPH, 2: GRAPH }) };
const MODEL: Message = { name: 'ModelProto', fields: () => ({ 7: GRAPH, 20: TRAINING, 25: FUNCTION }) };

const NAME = 8;
const EXTERNAL_DATA = 13;
const DATA_LOCATION = 14;

const VARINT = 0;
const FIXED64 = 1;
const SIZED = 2;
const FIXED32 = 5;

function walk(wire: Wire, message: Message, end: number, depth: number): void {
  if (depth > MAX_ONNX_NESTING) throw malformed(wire, `more than ${MAX_ONNX_NESTING} nested messages`);
  if (message === TENSOR) checkTensor(wire, end);
  const inside = message.fields();
  while (wire.at < end) {
    const { number, type } = nextField(wire, end);
    const next = inside[number];
    if (next === undefined) pass(wire, type, end);
    else walk(wire, next, contentEnd(wire, message, number, type, end), depth + 1);
  }
}

/** Its fields may come in any order, so the name is only known at its end. */
function checkTensor(wire: Wire, end: number): void {
  let name = '';
  let location: string | undefined;
  while (wire.at < end) {
    const { number, type } = nextField(wire, end);
    if (number === DATA_LOCATION && type === VARINT) {
      const start = wire.at;
      passVarint(wire, end);
      // 0 means "in this file", however many bytes the varint has.
      if (wire.bytes.subarray(start, wire.at).some((byte) => (byte & 0x7f) !== 0)) location ??= '';
    } else if (number === NAME || number === EXTERNAL_DATA || number === DATA_LOCATION) {
      const content = contentEnd(wire, TENSOR, number, type, end);
      const text = shown(wire.bytes.subarray(wire.at, content));
      if (number === NAME) name = text;
      else location ||= number === EXTERNAL_DATA ? locationIn(wire.bytes.subarray(wire.at, content)) : text;
      wire.at = content;
    } else pass(wire, type, end);
  }
  if (location !== undefined)
    throw new InvalidModelPackage(
      `${wire.file}: the tensor ${JSON.stringify(name)} has its data outside of the model (${JSON.stringify(location.slice(0, LETTERS_SHOWN))}), allowed is a model that is whole in one file. Put its data inside, where both files are: python3 -c 'import onnx; onnx.save(onnx.load("${wire.file}"), "whole.onnx")', and use whole.onnx`,
    );
}

/** Returns the value of an entry of external data that is its location; empty for the others, such as its offset. */
function locationIn(entry: Uint8Array): string {
  const key = new TextDecoder().decode(entry.subarray(2, 10)); // behind its tag and length; the value's tag and length follow
  return key === 'location' ? shown(entry.subarray(12)) : '';
}

const LETTERS_SHOWN = 80;

function shown(bytes: Uint8Array): string {
  // An entry's key and value follow one another; the bytes around them are not text.
  return new TextDecoder()
    .decode(bytes.subarray(0, 2 * LETTERS_SHOWN))
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
}

function nextField(wire: Wire, end: number): { number: number; type: number } {
  if (wire.fieldsLeft-- === 0) throw malformed(wire, `more than ${MAX_ONNX_FIELDS} fields`);
  const start = wire.at;
  const tag = smallVarint(wire, end);
  const number = Math.floor(tag / 8);
  if (number === 0 || number >= 2 ** 29) throw malformed({ ...wire, at: start }, 'a field without a valid number');
  return { number, type: tag % 8 };
}

/** Returns where the content of a message or text ends; `wire.at` is where it starts. */
function contentEnd(wire: Wire, { name }: Message, number: number, type: number, end: number): number {
  if (type !== SIZED) throw malformed(wire, `field ${number} of ${name} with wire type ${type}`);
  return lengthEnd(wire, end);
}

function lengthEnd(wire: Wire, end: number): number {
  const length = smallVarint(wire, end);
  if (length > end - wire.at) throw malformed(wire, `a length of ${length} bytes, but ${end - wire.at} are left`);
  return wire.at + length;
}

function pass(wire: Wire, type: number, end: number): void {
  if (type === VARINT) passVarint(wire, end);
  else if (type === SIZED) wire.at = lengthEnd(wire, end);
  else if (type === FIXED32 || type === FIXED64) {
    wire.at += type === FIXED32 ? 4 : 8;
    if (wire.at > end) throw malformed(wire, 'a number that is cut short');
  } else throw malformed(wire, `a field with wire type ${type}`);
}

/** Reads a tag or a length, which need at most 53 bits. */
function smallVarint(wire: Wire, end: number): number {
  let value = 0;
  for (let factor = 1; factor < 2 ** 56; factor *= 128) {
    if (wire.at >= end) throw malformed(wire, 'a number that is cut short');
    const byte = wire.bytes[wire.at++]!;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return value;
  }
  throw malformed(wire, 'a tag or a length of more than 8 bytes');
}

function passVarint(wire: Wire, end: number): void {
  for (let count = 0; count < 10; count++) {
    if (wire.at >= end) throw malformed(wire, 'a number that is cut short');
    if (wire.bytes[wire.at++]! < 0x80) return;
  }
  throw malformed(wire, 'a varint of more than 10 bytes');
}

/** Detects a FlatBuffer with onnxruntime's identifier, by which onnxruntime recognises its own format. */
const isOrtFormat = (bytes: Uint8Array): boolean => String.fromCharCode(...bytes.subarray(4, 8)) === 'ORTM';

function malformed({ file, at }: Wire, what: string): InvalidModelPackage {
  return new InvalidModelPackage(`${file}: is not an ONNX model: at byte ${at}: ${what}`);
}
