import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { JSON_LENGTH_HEADER } from './endpoint.ts';
import { type Datatype, datatypeOf, decodeBody, encodeBody, type NamedTensor, typeOf } from './message.ts';

const MOST = 1e6;

const numbers: fc.Arbitrary<NamedTensor>[] = [
  ...([Uint8Array, Uint16Array, Uint32Array, Int8Array, Int16Array, Int32Array] as const).map((array) =>
    fc
      .array(fc.integer(), { maxLength: 9 })
      .map((values) => tensorOf(array.name.replace('Array', ''), array.from(values))),
  ),
  fc
    .array(fc.float({ noNaN: true, noDefaultInfinity: true }))
    .map((values) => tensorOf('FP32', Float32Array.from(values))),
  fc
    .array(fc.double({ noNaN: true, noDefaultInfinity: true }))
    .map((values) => tensorOf('FP64', Float64Array.from(values))),
  fc.array(fc.maxSafeInteger()).map((values) => tensorOf('INT64', BigInt64Array.from(values, BigInt))),
  fc.array(fc.boolean()).map((values) => tensorOf('BOOL', Uint8Array.from(values, Number))),
];
const texts = fc
  .array(fc.string({ unit: 'grapheme' }))
  .map((data): NamedTensor => ({ name: 't', datatype: 'BYTES', shape: [data.length], data }));

function tensorOf(type: string, data: Exclude<NamedTensor['data'], readonly string[]>): NamedTensor {
  return { name: type, datatype: type.toUpperCase() as Datatype, shape: [data.length, 1], data };
}

function decoded(json: object | string, behind: Uint8Array = new Uint8Array(), jsonLength?: string) {
  const head = Buffer.from(typeof json === 'string' ? json : JSON.stringify(json));
  return decodeBody(Buffer.concat([head, behind]), 'inputs', jsonLength ?? String(head.length), MOST);
}

describe('a body of the Open Inference Protocol', () => {
  test('holds the same tensors after it was encoded and decoded, binary or not, wherever their bytes begin', () => {
    const property = fc.property(
      fc.array(fc.oneof(...numbers, texts)),
      fc.array(fc.boolean(), { minLength: 1 }),
      (tensors, binary) => {
        const isBinary = (one: NamedTensor) => binary[tensors.indexOf(one) % binary.length]!;
        const { bytes, headers } = encodeBody({ id: 'é' }, 'outputs', tensors, isBinary);
        const { fields, tensors: again } = decodeBody(bytes, 'outputs', headers[JSON_LENGTH_HEADER], MOST);
        assert.deepEqual(fields, { id: 'é' });
        const [found, wanted] = [again, tensors].map((all) => all.map((one) => ({ ...one, data: zeros(one.data) })));
        assert.deepEqual(found, wanted);
      },
    );
    fc.assert(property);
  });

  test('is as the example of the specification of the binary extension', () => {
    const first = { name: 'input0', datatype: 'UINT32', shape: [2, 2], data: Uint32Array.of(1, 2, 3, 4) } as const;
    const second = { name: 'input1', datatype: 'BOOL', shape: [1], data: Uint8Array.of(1) } as const;
    const { bytes, headers } = encodeBody({ id: 'a' }, 'inputs', [first, second], () => true);
    const json =
      '{"id":"a","inputs":[{"name":"input0","datatype":"UINT32","shape":[2,2],"parameters":{"binary_data_size":16}},{"name":"input1","datatype":"BOOL","shape":[1],"parameters":{"binary_data_size":1}}]}';
    assert.deepEqual(headers, {
      'content-type': 'application/octet-stream',
      [JSON_LENGTH_HEADER]: String(json.length),
    });
    assert.equal(Buffer.from(bytes).toString('latin1'), `${json}\x01\0\0\0\x02\0\0\0\x03\0\0\0\x04\0\0\0\x01`);
  });

  test('has lists that may be nested', () => {
    const { tensors } = decoded({
      inputs: [{ name: 'a', datatype: 'INT8', shape: [2, 1, 2], data: [[[1, 2]], [[3, -4]]] }],
    });
    assert.deepEqual(tensors[0]!.data, Int8Array.of(1, 2, 3, -4));
  });

  test('reads views of aligned bytes, and copies none of them', () => {
    const json = JSON.stringify({
      inputs: [{ name: 'a', datatype: 'FP32', shape: [2], parameters: { binary_data_size: 8 } }],
    });
    const head = Buffer.from(json.padEnd(Math.ceil(json.length / 4) * 4));
    const body = new Uint8Array([...head, ...new Uint8Array(8)]);
    const { tensors } = decodeBody(body, 'inputs', String(head.length), MOST);
    assert.equal((tensors[0]!.data as Float32Array).buffer, body.buffer);
  });

  const one = (more: object) => ({ inputs: [{ name: 'a', datatype: 'UINT8', shape: [2], ...more }] });
  const binary = (size: number) => ({ parameters: { binary_data_size: size } });
  const refused: [string, () => unknown, string][] = [
    ['no JSON', () => decoded('<html>'), 'The body starts with “<html>”, allowed is a JSON object with inputs.'],
    ['a number', () => decoded('1'), 'The body starts with “1”, allowed is a JSON object with inputs.'],
    [
      'a length beyond the body',
      () => decoded({}, undefined, '9'),
      `The header ${JSON_LENGTH_HEADER} is “9”, allowed is at most the body's 2 bytes.`,
    ],
    ...['x', '', '2.0', '0x2', '2e0', '-1'].map((length): [string, () => unknown, string] => [
      `a length that is no number: “${length}”`,
      () => decoded({}, undefined, length),
      `The header ${JSON_LENGTH_HEADER} is “${length}”, allowed is at most the body's 2 bytes.`,
    ]),
    [
      'too much JSON',
      () => decodeBody(new Uint8Array(9), 'inputs', undefined, 8),
      'The body has 9 bytes of JSON, allowed are at most 8. Send the tensors as binary data.',
    ],
    [
      'an unknown datatype',
      () => decoded(one({ datatype: 'BF16' })),
      'inputs.0.datatype: Invalid option: expected one of "BOOL"|"UINT8"|"UINT16"|"UINT32"|"UINT64"|"INT8"|"INT16"|"INT32"|"INT64"|"FP16"|"FP32"|"FP64"|"BYTES".',
    ],
    ['neither data nor bytes', () => decoded(one({})), '“a” has neither data nor a binary_data_size.'],
    ['a number too few', () => decoded(one({ data: [1] })), '“a” has 1 elements, allowed are 2, as its shape says.'],
    ['a number beyond the type', () => decoded(one({ data: [1, 256] })), '“a”: found “256” at 1, allowed is UINT8.'],
    [
      'lists that are too deep',
      () =>
        decoded(
          `{"inputs": [{"name": "a", "datatype": "UINT8", "shape": [1], "data": ${'['.repeat(20_000)}1${']'.repeat(20_000)}}]}`,
        ),
      '“a” has lists in lists, allowed are those of the shape [1], or one list.',
    ],
    ...Object.entries({
      'lists of another shape': [[1], [2], [3], [4], [5], [6]],
      'lists of the shape in another order': [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      'lists of different lengths': [
        [1, 2],
        [3, 4, 5, 6],
      ],
      'numbers beside lists': [[1, 2, 3], 4, 5, 6],
      'lists that are nested deeper': [[[1, 2, 3]], [[4, 5, 6]]],
    }).map(([what, data]): (typeof refused)[number] => [
      what,
      () => decoded(one({ shape: [2, 3], data })),
      '“a” has lists in lists, allowed are those of the shape [2,3], or one list.',
    ]),
    [
      'an object among numbers',
      () => decoded(one({ data: [1, {}] })),
      '“a”: found a list or an object at 1, allowed is UINT8.',
    ],
    [
      'data and bytes',
      () => decoded(one({ data: [1, 2], ...binary(2) }), Uint8Array.of(1, 2)),
      '“a” has data and a binary_data_size, allowed is one of them.',
    ],
    ['a text among numbers', () => decoded(one({ data: [1, '2'] })), '“a”: found “\\"2\\"” at 1, allowed is UINT8.'],
    [
      'bytes that the body does not have',
      () => decoded(one(binary(2)), Uint8Array.of(1)),
      'inputs: “a” has a binary_data_size of 2, but 1 bytes are left.',
    ],
    [
      'bytes that do not fit the shape',
      () => decoded(one(binary(1)), Uint8Array.of(1)),
      '“a” has 1 bytes, allowed are 2: 2 of UINT8.',
    ],
    [
      'bytes behind the last tensor',
      () => decoded(one(binary(2)), new Uint8Array(3)),
      'The body has 1 bytes behind its tensors, allowed are none.',
    ],
    [
      'a text that is longer than its bytes',
      () => decoded(one({ datatype: 'BYTES', ...binary(6), shape: [1] }), Uint8Array.of(3, 0, 0, 0, 65, 65)),
      '“a” does not hold 1 texts, each with its length in front.',
    ],
  ];
  for (const [what, decode, message] of refused)
    test(`is refused with ${what}`, () => assert.throws(decode, { name: 'InvalidMessage', message }));

  test('has null for NaN, and in numbers that are no floats for nothing', () => {
    const inputs = [{ name: 'a', datatype: 'FP32', shape: [2], data: [1, null] }];
    assert.deepEqual(decoded({ inputs }).tensors[0]!.data, Float32Array.of(1, Number.NaN));
    assert.throws(() => decoded({ inputs: [{ ...inputs[0], datatype: 'INT32' }] }), /found “null” at 1/);
  });

  test('shows what it says of its tensors before it reads their elements', () => {
    const body = Buffer.from(JSON.stringify(one({ data: 'x'.split('') })));
    const refuse = () => {
      throw new Error('another tensor');
    };
    assert.throws(() => decodeBody(body, 'inputs', undefined, MOST, refuse), /another tensor/);
  });

  test('has the types of STAC by other names', () => {
    const pairs = { uint8: 'UINT8', int64: 'INT64', float16: 'FP16', float64: 'FP64' };
    for (const [type, datatype] of Object.entries(pairs)) {
      assert.equal(datatypeOf(type), datatype);
      assert.equal(typeOf(datatype as Datatype), type);
    }
  });
});

/** JSON has no negative zero. */
function zeros(data: NamedTensor['data']): NamedTensor['data'] {
  return data instanceof Float32Array || data instanceof Float64Array ? data.map((value) => value + 0) : data;
}

test('texts that are not UTF-8 are refused, in JSON and as binary data', () => {
  const latin = Buffer.from(
    '{"inputs": [{"name": "t", "datatype": "BYTES", "shape": [1], "data": ["caf\u00e9"]}]}',
    'latin1',
  );
  assert.throws(() => decodeBody(latin, 'inputs', undefined, MOST), {
    name: 'InvalidMessage',
    message: 'The body has bytes that are not UTF-8, allowed is UTF-8.',
  });
  const element = Buffer.from('caf\u00e9', 'latin1');
  const behind = Buffer.concat([Buffer.from([element.length, 0, 0, 0]), element]);
  const input = { name: 't', datatype: 'BYTES', shape: [1], parameters: { binary_data_size: behind.length } };
  assert.throws(() => decoded({ inputs: [input] }, behind), {
    message: '“t”: the element 0 has bytes that are not UTF-8, allowed is UTF-8.',
  });
});
