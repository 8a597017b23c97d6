import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MAX_TRUTH_BYTES } from '../../base/limits.ts';
import { bodyInputs, isImageType, jsonBody, RawInput, SMALL_BYTES } from './bodyInputs.ts';

const read = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
  bodyInputs({ headers, body: Buffer.from(body as string) });

describe('the body of a request', () => {
  test('is JSON, where nothing else is said of it', async () => {
    const body = '{"inputs":[1,null,{"a":[2]}]}';
    for (const type of [
      'application/json',
      ' Application/JSON ; charset=utf-8',
      'application/vnd.swath+json',
      undefined,
    ])
      assert.deepEqual(await read(body, type === undefined ? {} : { 'content-type': type }), {
        inputs: [1, null, { a: [2] }],
        isImage: false,
      });
    for (const encoding of ['', 'identity', ' Identity '])
      assert.equal((await read(body, { 'content-encoding': encoding })).inputs.length, 3);
  });

  test('is an image by its content type', async () => {
    for (const type of ['image/png', 'IMAGE/X-anything; a=b', 'application/octet-stream']) {
      assert.equal(isImageType(type), true);
      assert.deepEqual(await read('abc', { 'content-type': type }), {
        inputs: [new RawInput('image', Buffer.from('abc'))],
        isImage: true,
      });
    }
    assert.equal(isImageType('application/json'), false);
  });

  test('is parsed as a whole up to so many bytes; of a larger one, each input is a part', async () => {
    const body = (bytes: number) => `{"inputs":[1,${'2'.padStart(bytes - 15)}]}`;
    assert.deepEqual((await read(body(SMALL_BYTES))).inputs, [1, 2]);
    const { inputs, isImage } = await read(body(SMALL_BYTES + 1));
    assert.equal(isImage, false);
    const textOf = (one: unknown) =>
      one instanceof RawInput && one.kind === 'json' ? String(Buffer.from(one.bytes)) : '?';
    assert.deepEqual(inputs.map((one) => textOf(one).trim()).join(), '1,2');
  });

  for (const [what, body, status, says] of [
    ['half a list', '{"inputs":[1', 400, /^The body starts with “.*” and is not JSON, allowed is a JSON object/],
    ['no JSON, and large', 'x'.repeat(SMALL_BYTES + 1), 400, /^The body starts with “x+…?” and is not JSON/],
    ['nothing but spaces, and large', ' '.repeat(SMALL_BYTES + 1), 400, /is not JSON/],
    ['spaces where it should begin', `${' '.repeat(SMALL_BYTES)}{"inputs":[1]}`, 400, /is not JSON/],
    ['a text', '"a"', 422, /^The body cannot be taken: found “a”, allowed is a JSON object with inputs\.$/],
    ['other members', '{"inputs":[1],"a":1,"b":2}', 422, /found the members “a, b”, allowed is inputs\.$/],
    ['a list', '[]', 422, /found a list of 0, allowed is a JSON object/],
    ['an empty list of inputs', '{"inputs":[]}', 422, /inputs: found a list of 0/],
    ['an object of inputs', '{"inputs":{}}', 422, /cannot be taken: inputs: found an object, allowed is a list/],
  ] as const)
    test(`is refused where it is ${what}`, () =>
      assert.rejects(read(body), { name: 'Problem', status, message: says }));

  test('is refused where it is of another type, or packed', async () => {
    const message =
      /^The content type is “text\/csv”, allowed are application\/json and image\/png, .*, application\/octet-stream\.$/;
    await assert.rejects(read('a', { 'content-type': 'text/csv' }), { status: 415, message });
    const packed = { status: 415, message: /The content encoding is “gzip”, allowed is none/ };
    await assert.rejects(read('{"inputs":[1]}', { 'content-encoding': 'gzip' }), packed);
  });
});

const readTruths = (body: string, headers: Record<string, string> = {}) =>
  jsonBody({ headers, body: Buffer.from(body) }, 'a list of truths');

describe('a body of truths', () => {
  for (const type of [undefined, 'application/json', 'application/json; charset=utf-8', 'application/geo+json'])
    test(`is read with the content type ${type}`, () => {
      assert.deepEqual(readTruths('{"truths": [1]}', type === undefined ? {} : { 'content-type': type }), {
        truths: [1],
      });
    });

  test('is refused with another content type, or if it is packed or too large', () => {
    assert.throws(() => readTruths('{}', { 'content-type': 'text/csv' }), {
      status: 415,
      message: 'The content type is “text/csv”, allowed is application/json.',
    });
    assert.throws(() => readTruths('{}', { 'content-encoding': 'gzip' }), { status: 415 });
    assert.deepEqual(readTruths('{}'.padEnd(MAX_TRUTH_BYTES)), {});
    assert.throws(() => readTruths('{}'.padEnd(MAX_TRUTH_BYTES + 1)), { status: 413 });
  });
});
