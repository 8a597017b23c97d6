import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, test } from 'node:test';
import { readBody } from './readBody.ts';

const MIB = 1024 ** 2;

/** A request that says this length, or none, and whose body comes as the test sends it. */
function makeBench(length: number | null, most: number) {
  const headers = length === null ? {} : { 'content-length': String(length) };
  const request = Object.assign(new EventEmitter(), { headers });
  const body = readBody(request as never, most);
  return { body, send: (piece: Buffer) => request.emit('data', piece), end: () => request.emit('end') };
}

describe('the memory of a body', () => {
  for (const [what, length] of [
    ['says that it is long', 32 * MIB],
    ['does not say its length', null],
  ] as const)
    test(`that ${what} is at most twice what has come of it, up to a mebibyte`, (t) => {
      const { mock } = t.mock.method(Buffer, 'allocUnsafe');
      const { send } = makeBench(length, 32 * MIB);
      for (let bytes = 0; bytes < MIB - 10_000; bytes += 10_000) send(Buffer.alloc(10_000));
      const sizes = mock.calls.map(({ arguments: [size] }) => size);
      assert.ok(Math.max(...sizes) <= 2 * MIB, String(sizes));
    });

  test('is what it says once a mebibyte has come, and never more than it says', async (t) => {
    const { mock } = t.mock.method(Buffer, 'allocUnsafe');
    for (const length of [100_000, 5 * MIB]) {
      const { body, send, end } = makeBench(length, 32 * MIB);
      const whole = Buffer.from(Array.from({ length }, (_, i) => i % 251));
      for (let at = 0; at < length; at += 60_000) send(whole.subarray(at, at + 60_000));
      end();
      assert.ok(whole.equals(await body));
      assert.equal(mock.calls.at(-1)?.arguments[0], length);
    }
  });
});
