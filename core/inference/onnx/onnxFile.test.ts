import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readBaselineFile, readFrom } from '../../../test/benches/packages.ts';
import { indicesPackage } from '../../../test/models/buildIndices.ts';
import { sized, varint } from '../../../test/tfrecord.ts';
import { InvalidModelPackage } from '../../base/errors.ts';
import { MAX_ONNX_NESTING } from '../../base/limits.ts';
import { checkOnnxFile } from './onnxFile.ts';

/** Messages of onnx.proto, by the numbers of their fields. */

const text = (field: number, value: string) => sized(field, new TextEncoder().encode(value));
const whole = (field: number, value: number | bigint) => bytes(varint(field << 3), varint(value));
const bytes = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

const named = text(8, 'weights');
/** Where a tensor's data lie: an entry of key and value, and a mark. */
const elsewhere = (location: string) =>
  bytes(sized(13, text(1, 'location'), text(2, location)), sized(13, text(1, 'length'), text(2, '16')), whole(14, 1));
const external = bytes(named, elsewhere('weights.bin'));

const graph = (...content: Uint8Array[]) => sized(7, ...content);
const nodeWith = (...attribute: Uint8Array[]) =>
  sized(1, text(4, 'Constant'), sized(5, text(1, 'value'), ...attribute));

const PLACES: Record<string, (tensor: Uint8Array) => Uint8Array> = {
  'an initializer': (tensor) => graph(sized(5, tensor)),
  'the second initializer of the second graph': (tensor) =>
    bytes(graph(sized(5, named)), graph(sized(5, named), sized(5, tensor))),
  'the values of a sparse initializer': (tensor) => graph(sized(15, sized(1, tensor))),
  'the indices of a sparse initializer': (tensor) => graph(sized(15, sized(2, tensor))),
  "a node's attribute": (tensor) => graph(nodeWith(sized(5, tensor))),
  "a list in a node's attribute": (tensor) => graph(nodeWith(sized(10, named), sized(10, tensor))),
  "a sparse tensor in a node's attribute": (tensor) => graph(nodeWith(sized(22, sized(1, tensor)))),
  "a list of sparse tensors in a node's attribute": (tensor) => graph(nodeWith(sized(23, sized(2, tensor)))),
  'the graph that a node repeats': (tensor) => graph(nodeWith(sized(6, sized(5, tensor)))),
  'a branch of a branch': (tensor) => graph(nodeWith(sized(11, nodeWith(sized(11, sized(5, tensor)))))),
  'a function': (tensor) => sized(25, sized(7, sized(5, sized(5, tensor)))),
  "a function's default": (tensor) => sized(25, sized(11, sized(5, tensor))),
  'the initialization of a training': (tensor) => sized(20, sized(1, sized(5, tensor))),
  "a training's step": (tensor) => sized(20, sized(2, sized(5, tensor))),
};

describe('tensor data outside of the model file is refused in', () => {
  for (const [place, model] of Object.entries(PLACES))
    test(place, () => {
      checkOnnxFile('model.onnx', model(named));
      refused(
        model(external),
        /the tensor "weights" has its data outside of the model \(.*weights\.bin.*\), allowed is/,
      );
    });
});

describe('tensor data outside of the model file is refused, whatever its location:', () => {
  for (const [what, location] of [
    ['above the package', '../../etc/passwd'],
    ['at an absolute path', '/etc/passwd'],
    ['on another machine', '\\\\host\\share\\x'],
    ['in memory, as onnxruntime itself marks it', '*/_ORT_MEM_ADDR_/*'],
    ['beside the model', 'model.onnx_data'],
    ['nowhere', ''],
  ])
    test(what!, () => {
      const message = refused(graph(sized(5, named, elsewhere(location!))), /outside of the model/);
      assert.ok(message.includes(JSON.stringify(location).slice(1, -1)), message);
    });

  test('with only the data location flag', () =>
    void refused(graph(sized(5, named, whole(14, 1))), /the tensor "weights" has/));
  test('with a flag that is 1 only in its lower 32 bits', () =>
    void refused(graph(sized(5, whole(14, 2n ** 32n + 1n))), /the tensor "" has/));
  test('with only an entry, before the name', () =>
    void refused(graph(sized(5, sized(13, text(2, 'x')), named)), /the tensor "weights" has/));
  test('with a long location, which the error shortens', () =>
    assert.ok(refused(graph(sized(5, elsewhere('x'.repeat(5000)))), /outside of the model/).length < 450));
  test('but a data location flag of 0 is accepted', () =>
    checkOnnxFile('model.onnx', graph(sized(5, named, whole(14, 0)))));
});

describe('a file that is not an ONNX model is refused:', () => {
  for (const [model, says] of [
    [new TextEncoder().encode('<html>404 Not Found</html>'), /is not an ONNX model: at byte/],
    [bytes(new Uint8Array(4), Buffer.from('ORTM')), /in onnxruntime's own format/],
    [bytes(sized(7), Uint8Array.of(0x3a, 5)), /a length of 5 bytes, but 0 are/],
    [bytes(Uint8Array.of(0x3a), varint(2n ** 60n)), /a length of more than 8 bytes|a length of/],
    [whole(7, 1), /field 7 of ModelProto with wire type 0/],
    [graph(sized(5, sized(14))), /outside of the model/],
    [Uint8Array.of(0x3b, 0x3c), /field 7 of ModelProto with wire type 3/],
    [graph(Uint8Array.of(0xf3, 1, 0xf4, 1)), /field 30 of GraphProto with wire type 3/],
    [Uint8Array.of(2, 0), /a field of ModelProto without a valid number/],
    [new Uint8Array(11).fill(0x80).with(0, 8), /a varint of more than 10 bytes/],
    [Uint8Array.of(0x0d, 1, 2), /a number of 4 bytes, but 2 are left/],
  ] as const)
    test(String(says), () => void refused(model, says));
});

test('nested messages are accepted up to the limit, and refused with one more', () => {
  const nested = (messages: number): Uint8Array => {
    // Three messages take it one graph deeper: attribute, node, graph. The model is the first.
    let inner: Uint8Array = new Uint8Array();
    for (let depth = messages; depth > 1; depth--)
      inner = sized([7, 1, 5, 6][depth === 2 ? 0 : 1 + (depth % 3)]!, inner);
    return inner;
  };
  checkOnnxFile('model.onnx', nested(MAX_ONNX_NESTING));
  refused(nested(MAX_ONNX_NESTING + 1), /more than 100 nested messages/);
});

test('the models of the project are whole in one file', async () => {
  checkOnnxFile('model.onnx', await readBaselineFile('model.onnx'));
  checkOnnxFile('model.onnx', await readFrom(indicesPackage())('model.onnx'));
});

function refused(model: Uint8Array, says: RegExp): string {
  let message = '';
  assert.throws(
    () => checkOnnxFile('model.onnx', model),
    (error) => {
      assert.ok(error instanceof InvalidModelPackage, String(error));
      assert.match(error.message, /^model\.onnx: /);
      assert.match(error.message, says);
      message = error.message;
      return true;
    },
  );
  return message;
}

describe('fields that are not about tensors', () => {
  const tag = (number: number, type: number) => varint(number * 8 + type);
  const zeros = (count: number) => new Uint8Array(count);
  const check = (...parts: Uint8Array[]) => checkOnnxFile('model.onnx', bytes(...parts, whole(1, 9)));
  const last = 2 ** 29 - 1;
  for (const [what, parts, refusal] of [
    ['a number of 32 bits', [tag(9, 5), zeros(4)], null],
    ['a number of 64 bits', [tag(9, 1), zeros(8)], null],
    ['the last field number', [tag(last, 5), zeros(4)], null],
    [
      'a field number beyond the last one',
      [tag(last + 1, 5), zeros(4)],
      /at byte 0: a field of ModelProto without a valid number/,
    ],
    ['a field of number 0', [tag(0, 5), zeros(4)], /at byte 0: a field of ModelProto without a valid number/],
    ['an unknown wire type', [tag(9, 7)], /field 9 of ModelProto with wire type 7/],
  ] as [string, Uint8Array[], RegExp | null][])
    test(`${what} is ${refusal === null ? 'passed over' : 'refused'}`, () => {
      if (refusal === null) check(...parts);
      else assert.throws(() => check(...parts), refusal);
    });

  for (const [what, whole, says] of [
    ['a number of 32 bits', bytes(tag(9, 5), zeros(4)), /a number of 4 bytes, but 3 are left/],
    ['a number of 64 bits', bytes(tag(9, 1), zeros(8)), /a number of 8 bytes, but 7 are left/],
    ['a varint', bytes(tag(9, 0), Uint8Array.from([0x80, 0x01])), /a varint that does not end within its 1 bytes/],
    ['a tag', Uint8Array.from([0x80, 0x01, 0]), /a varint that does not end within its 0 bytes/],
  ] as const)
    test(`${what} at the end of the file is accepted if complete, and refused if cut short`, () => {
      checkOnnxFile('model.onnx', whole);
      assert.throws(() => checkOnnxFile('model.onnx', whole.subarray(0, -1)), says);
    });
});
