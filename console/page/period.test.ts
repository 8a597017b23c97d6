import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { periodIn } from './period.ts';
import type { Query } from './route.ts';

const PAGE = { spans: ['1', '7', '15'], usual: '15', today: '2026-03-16' };
const LAST = { from: '2026-03-01', to: '2026-03-16' };

describe('the period of a page', () => {
  const CUSTOM_DAYS = { from: '2026-02-01', to: '2026-02-03' };
  const CASES: [what: string, query: Query, asked: Query, choice: string, named: object][] = [
    ['is the usual one', {}, { days: '15' }, '15', LAST],
    ['is one of those to choose from', { days: '7' }, { days: '7' }, '7', { ...LAST, from: '2026-03-09' }],
    ['is the usual one where another is asked for', { days: '8' }, { days: '15' }, '15', LAST],
    [
      'is of days that are named, even beside a number',
      { days: '7', ...CUSTOM_DAYS },
      CUSTOM_DAYS,
      'custom',
      CUSTOM_DAYS,
    ],
    [
      'is of what is named where one day is missing, so that the server says so',
      { from: '2026-02-01' },
      { from: '2026-02-01', to: '' },
      'custom',
      { from: '2026-02-01', to: '' },
    ],
  ];
  for (const [what, query, asked, choice, named] of CASES)
    test(what, () => assert.deepEqual(periodIn(query, PAGE), { asked, choice, named }));
});
