import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, mock, test } from 'node:test';
import { cameAt, makeClock } from './clock.ts';

/** A machine's clock that is moved by hand, and how much time really went by. */

const HOUR = 3_600_000;
const start = Date.parse('2026-03-01T10:00:00Z');
let elapsed = 0;

describe('a clock of the stack', () => {
  beforeEach(() => {
    elapsed = 0;
    mock.timers.enable({ apis: ['Date'], now: start });
  });
  afterEach(() => mock.timers.reset());

  function newClock() {
    return makeClock({ ahead: 0 }, () => elapsed);
  }

  function passes(milliseconds: number): void {
    elapsed += milliseconds;
    mock.timers.setTime(Date.now() + milliseconds);
  }

  test('a clock that goes on is steady since it was made', () => {
    const clock = newClock();
    passes(48 * HOUR);
    assert.equal(clock.steadySince().getTime(), start);
  });

  for (const { what, jumps } of [
    { what: 'a machine that slept', jumps: 30 * HOUR },
    { what: 'a clock that was set ahead', jumps: 30 * 24 * HOUR },
    { what: 'a clock that was set back', jumps: -30 * 24 * HOUR },
  ])
    test(`${what} is steady since then`, () => {
      const clock = newClock();
      passes(HOUR);
      mock.timers.setTime(Date.now() + jumps);
      const after = Date.now();
      assert.equal(clock.steadySince().getTime(), after);
      passes(HOUR);
      assert.equal(clock.steadySince().getTime(), after);
    });

  test('a file came when the machine says, but never later than now', () => {
    const clock = newClock();
    clock.set(new Date(start - 24 * HOUR));
    assert.equal(cameAt(new Date(start - HOUR), clock).getTime(), start - 25 * HOUR);
    assert.equal(cameAt(new Date(start + 30 * 24 * HOUR), clock).getTime(), start - 24 * HOUR);
  });
});
