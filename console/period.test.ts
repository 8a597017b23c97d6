import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MAX_PERIOD_DAYS, periodProblem } from './period.ts';

const TODAY = '2026-03-16';

describe('a period', () => {
  const CASES: [from: string, to: string, problem: string | null][] = [
    ['2026-03-01', '2026-03-05', null],
    ['2026-03-05', '2026-03-05', null],
    ['2026-03-01', TODAY, null],
    ['2025-03-16', TODAY, null],
    ['2025-03-15', TODAY, `From 2025-03-15 to ${TODAY} are 367 days; allowed are at most ${MAX_PERIOD_DAYS}.`],
    ['2026-03-05', '2026-03-04', 'The first day, 2026-03-05, is after the last one, 2026-03-04.'],
    ['2026-03-01', '2026-03-17', `The last day, 2026-03-17, is still to come: today is ${TODAY} (UTC).`],
    ['2026-02-30', '2026-03-01', 'The first day is "2026-02-30"; allowed is a UTC day such as 2026-01-31.'],
    ['2026-03-01', 'today', 'The last day is "today"; allowed is a UTC day such as 2026-01-31.'],
    ['', '2026-03-01', 'The first day is missing, or there is no such day; allowed is a UTC day such as 2026-01-31.'],
    ['2026-03-01', '', 'The last day is missing, or there is no such day; allowed is a UTC day such as 2026-01-31.'],
  ];
  for (const [from, to, problem] of CASES)
    test(`from "${from}" to "${to}": ${problem ?? 'is shown'}`, () => {
      assert.equal(periodProblem({ from, to }, TODAY), problem);
    });
});
