import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { daysBefore } from '../../core/base/time/days.ts';
import { periodOf, shortestKept, spanOf } from './span.ts';

const now = new Date('2026-03-16T23:30:00.000Z');
const lastDays = (days: number) => spanOf({ from: daysBefore(days, now), to: daysBefore(0, now) }, now);

describe('a span of days', () => {
  for (const [days, from] of [
    [1, '2026-03-15T00:00:00.000Z'],
    [15, '2026-03-01T00:00:00.000Z'],
    [30, '2026-02-14T00:00:00.000Z'],
  ] as const)
    test(`of ${days} begins with the first closed one: ${from}`, () => {
      assert.deepEqual(lastDays(days), { from: new Date(from), to: now });
    });

  test('that are over ends with the last moment of the last one', () => {
    assert.deepEqual(spanOf({ from: '2026-03-01', to: '2026-03-01' }, now), {
      from: new Date('2026-03-01T00:00:00.000Z'),
      to: new Date('2026-03-02T00:00:00.000Z'),
      now,
    });
  });

  for (const [from, to, seconds] of [
    ['2026-03-02', '2026-03-16', 60],
    ['2026-03-01', '2026-03-01', 300],
    ['2026-01-13', '2026-01-13', 300],
    ['2026-01-12', '2026-01-12', 3600],
    ['2025-06-01', '2025-06-02', 3600],
  ] as const)
    test(`from ${from} to ${to} CloudWatch has by ${seconds} s at best, as old as it is`, () => {
      assert.equal(shortestKept(spanOf({ from, to }, now)), seconds);
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
      assert.equal(periodOf(lastDays(days), least), period);
    });

  for (const [from, to, least, period] of [
    ['2026-03-10', '2026-03-10', 60, 300],
    ['2026-01-01', '2026-01-01', 60, HOUR],
    ['2026-01-01', '2026-01-01', DAY, DAY],
    ['2025-03-16', '2026-03-16', 300, DAY],
  ] as const)
    test(`of the days from ${from} to ${to} is ${period} s where a panel has ${least} s`, () => {
      assert.equal(periodOf(spanOf({ from, to }, now), least), period);
    });
});
