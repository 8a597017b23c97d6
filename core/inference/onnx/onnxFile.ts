import { attempt, InvalidModelPackage, insteadOf } from '../../base/errors.ts';
import { MAX_ONNX_FIELDS, MAX_ONNX_NESTING } from '../../base/limits.ts';
import { eachField, Malformed, type ReadField, SIZED, VARINT } from '../../base/protobuf.ts';

/**
 * Checks an ONNX model (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) before onnxruntime reads it. A tensor may
 * refer to data in another file, by any path, or at a memory address: a package comes from a user, so such references are
 * not followed; `withData` puts data of the package's own file inside before. Only messages that can hold a tensor are
 * visited, and none of its data.
 *
 * What this cannot parse is rejected, even if onnxruntime would accept it.
 *
 * @throws {InvalidModelPackage} when a tensor has external data, or the bytes are not a ModelProto
 */
export function checkOnnxFile(file: string, bytes: Uint8Array, mostFields = MAX_ONNX_FIELDS): void {
  // A FlatBuffer's identifier, by which onnxruntime recognises its own format.
  if (String.fromCharCode(...bytes.subarray(4, 8)) === 'ORTM')
    throw new InvalidModelPackage(`${file}: found a model in onnxruntime's own format, allowed is an ONNX model`);
  const wrong = insteadOf(Malformed, (cause) => {
    const at = cause.at - bytes.byteOffset;
    return new InvalidModelPackage(`${file}: is not an ONNX model: at byte ${at}: ${cause.message}`, { cause });
  });
  attempt(() => walk({ name: file, fields: 0, mostFields }, MODEL, bytes, 1), wrong);
}

/** A message of onnx.proto: the fields that lead to a tensor. */
export type Message = { name: string; fields: () => Record<number, Message> };

export const TENSOR: Message = { name: 'TensorProto', fields: () => ({}) };
const SPARSE_TENSOR: Message = { name: 'SparseTensorProto', fields: () => ({ 1: TENSOR, 2: TENSOR }) };
const ATTRIBUTE: Message = {
  name: 'AttributeProto',
  fields: () => ({ 5: TENSOR, 6: GRAPH, 10: TENSOR, 11: GRAPH, 22: SPARSE_TENSOR, 23: SPARSE_TENSOR }),
};
const NODE: Message = { name: 'NodeProto', fields: () => ({ 5: ATTRIBUTE }) };
const GRAPH: Message = { name: 'GraphProto', fields: () => ({ 1: NODE, 5: TENSOR, 15: SPARSE_TENSOR }) };
const FUNCTION: Message = { name: 'FunctionProto', fields: () => ({ 7: NODE, 11: ATTRIBUTE }) };
const TRAINING: Message = { name: 'TrainingInfoProto', fields: () => ({ 1: GRAPH, 2: GRAPH }) };
export const MODEL: Message = { name: 'ModelProto', fields: () => ({ 7: GRAPH, 20: TRAINING, 25: FUNCTION }) };

/** Fields of TensorProto. */
export const [NAME, EXTERNAL_DATA, DATA_LOCATION] = [8, 13, 14];

type File = { readonly name: string; readonly mostFields: number; fields: number };

function walk(file: File, message: Message, bytes: Uint8Array, depth: number): void {
  if (depth > MAX_ONNX_NESTING) throw new Malformed(bytes, 0, `more than ${MAX_ONNX_NESTING} nested messages`);
  if (message === TENSOR) return void checkTensor(file, bytes);
  const inside = message.fields();
  for (const field of fieldsOf(file, message, bytes)) {
    const next = inside[field.number];
    if (next !== undefined) walk(file, next, contentOf(field, message), depth + 1);
  }
}

export function* fieldsOf(file: File, { name }: Message, bytes: Uint8Array): Generator<ReadField, void, void> {
  for (const field of eachField(bytes, name)) {
    if (++file.fields > file.mostFields) throw new Malformed(field.whole, 0, `more than ${file.mostFields} fields`);
    yield field;
  }
}

/** Its fields may come in any order, so the name is only known at its end. */
function checkTensor(file: File, bytes: Uint8Array): void {
  let name = '';
  let location: string | undefined;
  for (const field of fieldsOf(file, TENSOR, bytes)) {
    const { number, type, value } = field;
    if (number === NAME) name = shown(contentOf(field, TENSOR));
    else if (number === EXTERNAL_DATA) location ||= locationIn(contentOf(field, TENSOR));
    else if (number === DATA_LOCATION && type !== VARINT) location ||= shown(contentOf(field, TENSOR));
    else if (number === DATA_LOCATION && value !== 0n) location ??= ''; // 0 means "in this file"
  }
  if (location !== undefined)
    throw new InvalidModelPackage(
      `${file.name}: the tensor ${JSON.stringify(name)} has its data outside of the model (${JSON.stringify(location.slice(0, LETTERS_SHOWN))}), allowed is a model that is whole in one file, or whose other file is an asset of item.json with "roles": ["mlm:weights"] and "mlm:artifact_type": "onnx". To put its data inside, where both files are: python3 -c 'import onnx; onnx.save(onnx.load("${file.name}"), "whole.onnx")', and use whole.onnx`,
    );
}

export function contentOf({ number, type, whole, content }: ReadField, { name }: Message): Uint8Array {
  if (type !== SIZED) throw new Malformed(whole, 0, `field ${number} of ${name} with wire type ${type}`);
  return content;
}

/** Returns the value of an entry of external data that is its location; empty for the others, such as its offset. */
function locationIn(entry: Uint8Array): string {
  const key = new TextDecoder().decode(entry.subarray(2, 10)); // behind its tag and length; the value's tag and length follow
  return key === 'location' ? shown(entry.subarray(12)) : '';
}

const LETTERS_SHOWN = 80;

const shown = (bytes: Uint8Array): string =>
  new TextDecoder()
    .decode(bytes.subarray(0, 2 * LETTERS_SHOWN))
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
