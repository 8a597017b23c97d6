import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { makeHeld } from './held.ts';
import { Problem } from './http.ts';

const MIB = 1024 ** 2;

describe('the memory of unanswered requests', () => {
  test('is shared: a large request finds none where others hold three quarters, and some once they release it', () => {
    const held = makeHeld(8 * MIB, 'bodies');
    const [first, second] = [held(), held()];
    first.hold(4 * MIB);
    first.hold(2 * MIB);
    const isRefused = (error: unknown) =>
      error instanceof Problem &&
      error.status === 503 &&
      error.headers['retry-after'] === '1' &&
      error.message === `The bodies of other requests take ${6 * MIB} bytes already. Try again in a moment.`;
    assert.throws(() => second.hold(2 * MIB), isRefused);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    second.hold(6 * MIB);
    assert.throws(() => first.hold(2 * MIB), isRefused);
  });

  test('has a quarter that only small requests may use', () => {
    const held = makeHeld(8 * MIB, 'bodies');
    held().hold(6 * MIB);
    const small = held();
    small.hold(MIB);
    assert.throws(() => small.hold(1), Problem, 'together it is no small request any more');
    held().hold(MIB);
    assert.throws(() => held().hold(1), Problem);
  });

  test('is held beyond its limit by what is kept of a request, in place of what it held before', () => {
    const held = makeHeld(8 * MIB, 'answers');
    const [first, second] = [held(), held()];
    first.hold(4 * MIB);
    second.keep(5 * MIB);
    first.keep(MIB);
    assert.throws(() => held().hold(3 * MIB), /The answers of other requests take 6291456 bytes already/);
    second[Symbol.dispose]();
    held().hold(3 * MIB);
  });

  test('is no limit for a request that is alone', () => {
    const { hold } = makeHeld(8 * MIB, 'bodies')();
    hold(20 * MIB);
    hold(20 * MIB);
  });
});
