import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { periodOf, spanOf } from './span.ts';

const now = new Date('2026-03-16T23:30:00.000Z');

describe('a span of days', () => {
  for (const [days, from] of [
    [1, '2026-03-15T00:00:00.000Z'],
    [15, '2026-03-01T00:00:00.000Z'],
    [30, '2026-02-14T00:00:00.000Z'],
  ] as const)
    test(`of ${days} begins with the first closed one: ${from}`, () => {
      assert.deepEqual(spanOf(now, days), { from: new Date(from), to: now });
    });
});

describe('the period', () => {
  const HOUR = 3600;
  const DAY = 24 * HOUR;
  for (const [days, least, period] of [
    [1, 60, 900],
    [1, 300, 900],
    [5, 300, HOUR],
    [15, 300, HOUR],
    [16, 300, 6 * HOUR],
    [90, 300, 6 * HOUR],
    [15, HOUR, HOUR],
    [1, DAY, DAY],
    [90, DAY, DAY],
    [90, 7 * DAY, 7 * DAY],
  ] as const)
    test(`of ${days} days is ${period} s where a panel has ${least} s`, () => {
      assert.equal(periodOf(spanOf(now, days), least), period);
    });
});
