import { attempt, citedStart, InvalidModelPackage, onError } from '../../base/errors.ts';
import { MAX_ONNX_FIELDS, MAX_ONNX_NESTING } from '../../base/limits.ts';
import { last, Malformed, type ReadField, sizedField, textOf } from '../../base/protobuf.ts';
import { contentOf, DATA_LOCATION, EXTERNAL_DATA, fieldsOf, type Message, MODEL, NAME, TENSOR } from './onnxFile.ts';

/** The field of TensorProto that holds its data inside of the model. */
const RAW_DATA = 9;

/**
 * Returns a model with its tensors' data inside, which exporters of large models put into a file beside it. No path is
 * followed: the data come from the caller, by location. `checkOnnxFile` refuses a tensor that stays without.
 * @param limit the most bytes of the whole model, because tensors may share their data
 * @throws {InvalidModelPackage} when a tensor's data are not inside of their file, or are too many
 */
export function withData(
  name: string,
  onnx: Uint8Array,
  dataOf: (location: string) => Uint8Array | undefined,
  limit = Number.POSITIVE_INFINITY,
): Uint8Array {
  const file = { name, fields: 0, mostFields: MAX_ONNX_FIELDS };

  /** Returns the parts of a changed message; undefined of one that stays as it is. */
  function changed(message: Message, bytes: Uint8Array, depth = 1): Uint8Array[] | undefined {
    if (depth > MAX_ONNX_NESTING) return undefined;
    const fields = [...fieldsOf(file, message, bytes)];
    if (message === TENSOR) return changedTensor(fields);
    const inside = message.fields();
    const contents = fields.map((field) => {
      const next = inside[field.number];
      return next && changed(next, contentOf(field, message), depth + 1);
    });
    if (contents.every((content) => content === undefined)) return undefined;
    return fields.flatMap(({ number, whole }, i) => (contents[i] ? sizedField(number, contents[i]) : [whole]));
  }

  function changedTensor(fields: readonly ReadField[]): Uint8Array[] | undefined {
    const entries = fields.filter(({ number }) => number === EXTERNAL_DATA).map(({ content }) => content);
    const about = new Map(entries.map((entry) => [textOf(last(entry, 1)), textOf(last(entry, 2))]));
    const location = about.get('location') ?? '';
    const isOutside = fields.some(({ number, value }) => number === DATA_LOCATION && value === 1n);
    const data = isOutside ? dataOf(location) : undefined;
    if (data === undefined) return undefined;
    const from = Number(about.get('offset') ?? 0);
    const to = from + Number(about.get('length') ?? data.length - from);
    if (!(from >= 0 && from <= to && to <= data.length)) {
      const tensor = citedStart(textOf(fields.find(({ number }) => number === NAME)), 80);
      const found = `the data of the tensor ${tensor} at bytes ${from} to ${to} of ${location}`;
      throw new InvalidModelPackage(`${name}: found ${found}, allowed are 0 to ${data.length}. Export both files anew`);
    }
    const kept = fields.filter(({ number }) => number !== EXTERNAL_DATA && number !== DATA_LOCATION);
    return [...kept.map(({ whole }) => whole), ...sizedField(RAW_DATA, [data.subarray(from, to)])];
  }

  const unreadable = onError(Malformed, () => undefined); // whoever reads it says so
  const parts = attempt(() => changed(MODEL, onnx), unreadable) ?? [onnx];
  const size = parts.reduce((sum, { length }) => sum + length, 0);
  if (size <= limit) return parts.length === 1 ? onnx : Buffer.concat(parts, size);
  throw new InvalidModelPackage(`${name}: found ${size} bytes with its data, allowed are at most ${limit}`);
}
