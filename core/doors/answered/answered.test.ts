import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { InvalidMessage } from '../../base/errors.ts';
import { MAX_QUEUE_MESSAGE_BYTES } from '../../base/limits.ts';
import { type Answered, answeredId, encodeAnswered, encodeGathered, parseAnswered, splitAnswered } from './answered.ts';

const digest = 'a'.repeat(64);
const inputOf = (
  place: number,
  id: string | null = null,
  values: (string | number | null)[] | null = [1, 'b', 0.5],
) => ({ place, id, digest, values });
const whole: Omit<Answered, 'part'> = {
  request: 'r-1',
  model: { name: 'm', version: '1.0.0' },
  at: '2026-03-01T12:00:00.000Z',
  door: 'http',
  columns: ['label', 'class', 'probability'],
  inputs: [inputOf(0)],
};
const one: Answered = { ...whole, part: 0 };

describe('a message of answered predictions', () => {
  test('is read as it was written, whatever its ids are, and has nothing that a queue refuses', () => {
    for (const id of ['a', 'ü\n"\\', '\u0000\u2028\ufffe\uffff', '😀'.repeat(256), null]) {
      const message = { ...one, inputs: [inputOf(0, id), inputOf(1, null, null), inputOf(2, 'x', [null, null, null])] };
      const text = encodeAnswered(message);
      assert.deepEqual(parseAnswered(text), message);
      assert.doesNotMatch(text, /[\n\ufffe\uffff]/);
    }
  });

  test('is split where a request is too large for one, and no input is lost or duplicated', () => {
    const inputs = Array.from({ length: 1000 }, (_, i) => inputOf(i, `${i} ${'ü'.repeat(i % 900)}`));
    const { messages, leftOut } = splitAnswered({ ...whole, inputs });
    assert.ok(messages.length > 2 && leftOut === 0);
    for (const text of messages) assert.ok(Buffer.byteLength(text) <= MAX_QUEUE_MESSAGE_BYTES);
    assert.ok(Buffer.byteLength(messages[0]!) > 0.9 * MAX_QUEUE_MESSAGE_BYTES, 'they are full');
    const read = messages.map(parseAnswered);
    assert.deepEqual(
      read.flatMap((message) => message.inputs),
      inputs,
    );
    assert.deepEqual(
      read.map(answeredId),
      read.map((_, part) => `r-1/${part}`),
    );
  });

  test('stays within any size limit, and leaves out only inputs that cannot fit', () => {
    const inputs = Array.from({ length: 40 }, (_, i) => inputOf(i, 'ü'.repeat(1 + ((i * 37) % 120))));
    for (let most = 280; most < 900; most += 1) {
      const { messages, leftOut } = splitAnswered({ ...whole, inputs }, most);
      for (const text of messages) assert.ok(Buffer.byteLength(text) <= most, `${Buffer.byteLength(text)} of ${most}`);
      const kept = new Set(messages.flatMap((text) => parseAnswered(text).inputs.map(({ place }) => place)));
      assert.equal(kept.size + leftOut, inputs.length);
      for (const input of inputs.filter(({ place }) => !kept.has(place)))
        assert.ok(Buffer.byteLength(encodeAnswered({ ...one, inputs: [input] })) > most - 20);
    }
  });

  for (const [what, text, why] of [
    ['text', 'hello', /found a text that starts with “hello” and is not JSON/],
    ['another object', '{"answered": 1}', /answered: /],
    ['another door', JSON.stringify({ answered: { ...one, door: 'file' } }), /answered\.door/],
    ['an invalid request name', JSON.stringify({ answered: { ...one, request: '../a' } }), /answered\.request/],
    ['no inputs', JSON.stringify({ answered: { ...one, inputs: [] } }), /answered\.inputs/],
    ['an image', JSON.stringify({ answered: { ...one, inputs: [{ ...inputOf(0), image: '' }] } }), /image/],
    ['a list', '[]', /cannot be counted: “Invalid/],
    ['an id without a letter', JSON.stringify({ answered: { ...one, inputs: [inputOf(0, '')] } }), /inputs\.0\.id/],
    [
      'an id of half a letter',
      JSON.stringify({ answered: { ...one, inputs: [inputOf(0, '\ud800')] } }),
      /inputs\.0\.id/,
    ],
    ['a place before the first', JSON.stringify({ answered: { ...one, inputs: [inputOf(-1)] } }), /inputs\.0\.place/],
    ['a part before the first', JSON.stringify({ answered: { ...one, part: -1 } }), /answered\.part/],
    [
      'no columns',
      JSON.stringify({ answered: { ...one, columns: [], inputs: [inputOf(0, null, [])] } }),
      /answered\.columns/,
    ],
    ['another digest', JSON.stringify({ answered: { ...one, inputs: [{ ...inputOf(0), digest: 'ab' }] } }), /\.digest/],
    [
      'fewer values than columns',
      JSON.stringify({ answered: { ...one, inputs: [inputOf(0, null, [1])] } }),
      /as many values/,
    ],
  ] as const)
    test(`is refused with the reason if it has ${what}`, () => {
      assert.throws(() => parseAnswered(text), { name: 'InvalidMessage', message: why });
    });
});

test('messages that are gathered are one object, named by its content, in whatever order they came', () => {
  const [a, b] = [one, { ...one, request: 'r-2' }];
  const { key, bytes } = encodeGathered([b, a, b]);
  assert.deepEqual(encodeGathered([a, b]), { key, bytes });
  assert.match(key, /^answered\/[0-9a-f]{64}\.jsonl$/);
  assert.equal(new TextDecoder().decode(bytes), `${encodeAnswered(a)}\n${encodeAnswered(b)}\n`);
  assert.notEqual(encodeGathered([a]).key, key);
  assert.throws(() => parseAnswered(''), InvalidMessage);
});
