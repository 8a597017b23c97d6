import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayOf, daysBefore, isClosed, isDay } from './days.ts';

test('a day is a UTC day, up to its last millisecond', () => {
  assert.equal(dayOf(new Date('2026-02-28T23:59:59.999Z')), '2026-02-28');
  assert.equal(dayOf(Date.parse('2026-03-01T00:00:00.000Z')), '2026-03-01');
});

test('days are counted back from a time or a day, over months and leap days', () => {
  assert.equal(daysBefore(0, '2026-03-01'), '2026-03-01');
  assert.equal(daysBefore(1, new Date('2024-03-01T12:00:00Z')), '2024-02-29');
  assert.equal(daysBefore(366, '2025-01-01'), '2024-01-01');
});

test('a day is over from the next midnight on', () => {
  assert.equal(isClosed('2026-03-01', new Date('2026-03-01T23:59:59.999Z')), false);
  assert.equal(isClosed('2026-03-01', new Date('2026-03-02T00:00:00.000Z')), true);
});

test('a day must exist in the calendar and be written as YYYY-MM-DD', () => {
  for (const text of ['2026-03-01', '2024-02-29', '1969-12-31']) assert.equal(isDay(text), true, text);
  for (const text of ['2026-02-29', '2026-13-01', '2026-00-10', '2026-3-1', '2026-03-01T00:00', '20260301', ''])
    assert.equal(isDay(text), false, text);
});
