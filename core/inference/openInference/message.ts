import * as z from 'zod';
import { isNested } from '../../arrays/isNested.ts';
import { attempt, citedStart, InvalidMessage, insteadOf, jsonIn } from '../../base/errors.ts';
import type { TensorData } from '../runtime.ts';
import { type Body, JSON_LENGTH_HEADER } from './endpoint.ts';

/**
 * The bodies of the Open Inference Protocol, version 2, over HTTP, with its extension for binary tensors: a JSON object that
 * describes tensors, and behind it the elements of those that have a `binary_data_size`. A header says how long the JSON is.
 * https://github.com/kserve/open-inference-protocol/tree/main/specification/protocol
 */

/** The content type of a body with binary tensors. */
export const BINARY_TYPE = 'application/octet-stream';

/** Datatypes by the protocol's names, each with the array that holds it. Texts are BYTES. */
const ARRAYS = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Float16Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const;

export type Datatype = keyof typeof ARRAYS | 'BYTES';

/** A tensor of a body: its elements row by row. */
export type NamedTensor = {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly data: TensorData | readonly string[];
};

/** The part of a body that holds tensors: of a request, or of a response. */
type Member = 'inputs' | 'outputs';

/** Returns the protocol's name of a type of STAC, such as UINT8 of uint8. */
export const datatypeOf = (type: string): Datatype => type.toUpperCase().replace(/^FLOAT/, 'FP') as Datatype;

/** Returns the STAC name of a datatype, such as uint8 of UINT8; of texts, onnxruntime's. */
export const typeOf = (datatype: Datatype): string =>
  datatype === 'BYTES' ? 'string' : datatype.toLowerCase().replace(/^fp/, 'float');

type IsBinary = (tensor: NamedTensor) => boolean;

/** Makes a body. Tensors are binary where `isBinary` says so, else lists of numbers or texts. */
export function encodeBody(fields: object, member: Member, tensors: readonly NamedTensor[], isBinary: IsBinary): Body {
  const behind: Uint8Array[] = [];
  const described = tensors.map((tensor) => {
    const { name, datatype, shape } = tensor;
    if (!isBinary(tensor)) return { name, datatype, shape, data: listOf(tensor) };
    const bytes = bytesOf(tensor);
    behind.push(bytes);
    return { name, datatype, shape, parameters: { binary_data_size: bytes.length } };
  });
  const json = Buffer.from(JSON.stringify({ ...fields, [member]: described }));
  if (behind.length === 0) return { bytes: json, headers: { 'content-type': 'application/json' } };
  const headers = { 'content-type': BINARY_TYPE, [JSON_LENGTH_HEADER]: String(json.length) };
  return { bytes: Buffer.concat([json, ...behind]), headers };
}

const MOST_DIMENSIONS = 16;
const described = z.looseObject({
  name: z.string().min(1).max(200),
  datatype: z.enum([...(Object.keys(ARRAYS) as (keyof typeof ARRAYS)[]), 'BYTES']),
  shape: z.array(z.int().min(0)).max(MOST_DIMENSIONS),
  // Some servers write null for what they leave out.
  parameters: z.looseObject({ binary_data_size: z.int().min(0).nullish() }).nullish(),
  data: z.array(z.unknown()).nullish(),
});

export type DescribedTensor = Pick<NamedTensor, 'name' | 'datatype' | 'shape'>;

/**
 * Reads a body. Binary tensors are views of its bytes where they are aligned, else copies.
 * @param jsonLength the value of the header, if there is one
 * @param most the largest JSON, in bytes
 * @param check sees what the body says of its tensors, and may throw, before their elements are read
 * @returns the JSON's members, and its tensors in their order
 * @throws {InvalidMessage} that says what was found and what is allowed
 */
export function decodeBody(
  bytes: Uint8Array,
  member: Member,
  jsonLength: string | undefined,
  most: number,
  check: (tensors: readonly DescribedTensor[]) => void = () => {},
) {
  const length = jsonLength === undefined ? bytes.length : Number(/^\d+$/.exec(jsonLength)?.[0]);
  if (Number.isNaN(length) || length > bytes.length)
    throw new InvalidMessage(
      `The header ${JSON_LENGTH_HEADER} is ${citedStart(jsonLength!, 40)}, allowed is at most the body's ${bytes.length} bytes.`,
    );
  if (length > most)
    throw new InvalidMessage(
      `The body has ${length} bytes of JSON, allowed are at most ${most}. Send the tensors as binary data.`,
    );
  const text = textIn('The body', bytes.subarray(0, length));
  const json = jsonIn(text);
  if (json === undefined || json === null || typeof json !== 'object')
    throw new InvalidMessage(`The body starts with ${citedStart(text, 40)}, allowed is a JSON object with ${member}.`);
  const { [member]: listed = [], ...fields } = json as { readonly [name: string]: unknown };
  const parsed = z.array(described).max(1000).safeParse(listed);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new InvalidMessage(`${[member, ...path].join('.')}: ${message}.`);
  }
  check(parsed.data);
  let at = length;
  const tensors = parsed.data.map(({ name, datatype, shape, parameters, data }): NamedTensor => {
    const elements = shape.reduce((product, size) => product * size, 1);
    const size = parameters?.binary_data_size ?? undefined;
    if (size === undefined) return { name, datatype, shape, data: dataIn(name, datatype, shape, elements, data) };
    if (data) throw new InvalidMessage(`${cited(name)} has data and a binary_data_size, allowed is one of them.`);
    if (at + size > bytes.length)
      throw new InvalidMessage(
        `${member}: ${cited(name)} has a binary_data_size of ${size}, but ${bytes.length - at} bytes are left.`,
      );
    at += size;
    return { name, datatype, shape, data: dataOver(name, datatype, elements, bytes.subarray(at - size, at)) };
  });
  if (at !== bytes.length)
    throw new InvalidMessage(`The body has ${bytes.length - at} bytes behind its tensors, allowed are none.`);
  return { fields, tensors };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function textIn(where: string, bytes: Uint8Array): string {
  const message = `${where} has bytes that are not UTF-8, allowed is UTF-8.`;
  const wrong = insteadOf(TypeError, (cause) => new InvalidMessage(message, { cause }));
  return attempt(() => utf8.decode(bytes), wrong);
}

const cited = (name: string) => citedStart(name, 80);

function dataOver(name: string, datatype: Datatype, elements: number, bytes: Uint8Array): NamedTensor['data'] {
  if (datatype === 'BYTES') return textsIn(name, elements, bytes);
  const array: ArrayOf = ARRAYS[datatype];
  const size = array.BYTES_PER_ELEMENT;
  if (bytes.length !== elements * size)
    throw new InvalidMessage(
      `${cited(name)} has ${bytes.length} bytes, allowed are ${elements * size}: ${elements} of ${datatype}.`,
    );
  const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return new array(buffer, byteOffset, elements);
}

type ArrayOf = {
  readonly BYTES_PER_ELEMENT: number;
  new (elements: number): TensorData;
  new (buffer: ArrayBufferLike, offset: number, elements: number): TensorData;
};

/** Each text has its length in front, as four bytes. */
function textsIn(name: string, elements: number, bytes: Uint8Array): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const texts: string[] = [];
  let at = 0;
  while (at + 4 <= bytes.length && texts.length < elements) {
    const end = at + 4 + view.getUint32(at, true);
    texts.push(textIn(`${cited(name)}: the element ${texts.length}`, bytes.subarray(at + 4, end)));
    at = end;
  }
  if (texts.length !== elements || at !== bytes.length)
    throw new InvalidMessage(`${cited(name)} does not hold ${elements} texts, each with its length in front.`);
  return texts;
}

/** Reads the elements of a list, which may be nested as the shape says. JSON has no NaN: that is null in it. */
function dataIn(name: string, datatype: Datatype, shape: readonly number[], elements: number, data?: unknown[] | null) {
  if (!data) throw new InvalidMessage(`${cited(name)} has neither data nor a binary_data_size.`);
  const flat = data.flat(MOST_DIMENSIONS);
  if (flat.length !== elements)
    throw new InvalidMessage(`${cited(name)} has ${flat.length} elements, allowed are ${elements}, as its shape says.`);
  if (data.some(Array.isArray) && !isNested(data, shape))
    throw new InvalidMessage(
      `${cited(name)} has lists in lists, allowed are those of the shape [${shape}], or one list.`,
    );
  const wrong = (at: number) => {
    const found = flat[at] instanceof Object ? 'a list or an object' : citedStart(JSON.stringify(flat[at]), 40);
    return new InvalidMessage(`${cited(name)}: found ${found} at ${at}, allowed is ${datatype}.`);
  };
  if (datatype === 'BYTES') {
    const at = flat.findIndex((one) => typeof one !== 'string');
    if (at >= 0) throw wrong(at);
    return flat as string[];
  }
  const values = new (ARRAYS[datatype] as ArrayOf)(elements);
  const is64 = values instanceof BigInt64Array || values instanceof BigUint64Array;
  const isFloat = datatype.startsWith('FP');
  for (const [at, one] of flat.entries()) {
    if (one === null && isFloat) {
      (values as Float64Array)[at] = Number.NaN;
      continue;
    }
    const number = typeof one === 'boolean' && datatype === 'BOOL' ? Number(one) : one;
    if (typeof number !== 'number' || (is64 && !Number.isSafeInteger(number))) throw wrong(at);
    if (is64) values[at] = BigInt(number);
    else (values as Float64Array)[at] = number;
    const isExact = isFloat ? Number.isFinite(values[at]) : Number(values[at]) === number;
    if (!isExact) throw wrong(at);
  }
  return values;
}

function listOf({ datatype, data }: NamedTensor): readonly unknown[] {
  const list = Array.from(data as ArrayLike<unknown>);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return list.map(Number);
  return datatype === 'BOOL' ? list.map(Boolean) : list;
}

function bytesOf({ data }: NamedTensor): Uint8Array {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const pieces = data.flatMap((text) => {
    const bytes = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return [length, bytes];
  });
  return Buffer.concat(pieces);
}
