import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { periodIn } from './period.ts';
import type { Query } from './route.ts';

const PAGE = { spans: ['1', '7', '15'], usual: '15', today: '2026-03-16' };
const LAST = { from: '2026-03-01', to: '2026-03-16' };

describe('the period of a page', () => {
  const CASES: [what: string, query: Query, asked: Query, choice: string, named: object, problem: RegExp | null][] = [
    ['is the usual one', {}, { days: '15' }, '15', LAST, null],
    ['is one of those to choose from', { days: '7' }, { days: '7' }, '7', { ...LAST, from: '2026-03-09' }, null],
    ['is the usual one where another is asked for', { days: '8' }, { days: '15' }, '15', LAST, null],
    [
      'is of days that are named',
      { from: '2026-02-01', to: '2026-02-03' },
      { from: '2026-02-01', to: '2026-02-03' },
      'custom',
      { from: '2026-02-01', to: '2026-02-03' },
      null,
    ],
    [
      'is of those even beside a number',
      { days: '7', from: '2026-02-01', to: '2026-02-01' },
      { from: '2026-02-01', to: '2026-02-01' },
      'custom',
      { from: '2026-02-01', to: '2026-02-01' },
      null,
    ],
    [
      'is the usual one where those are none, and it is said why',
      { from: '2026-02-30', to: '2026-03-01' },
      { days: '15' },
      'custom',
      { from: '2026-02-30', to: '2026-03-01' },
      /^The first day is "2026-02-30"/,
    ],
    [
      'is the usual one where one is missing',
      { from: '2026-02-01' },
      { days: '15' },
      'custom',
      { from: '2026-02-01', to: '' },
      /^The last day is missing/,
    ],
  ];
  for (const [what, query, asked, choice, named, problem] of CASES)
    test(what, () => {
      const found = periodIn(query, PAGE);
      assert.deepEqual([found.asked, found.choice, found.named], [asked, choice, named]);
      if (problem === null) assert.equal(found.problem, null);
      else assert.match(found.problem!, problem);
    });
});
