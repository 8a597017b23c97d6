import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dayOf, daysBefore, isClosed } from './days.ts';

test('a day is that of UTC, to its last millisecond', () => {
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
