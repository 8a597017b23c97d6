import { daysBefore } from '../../core/base/time/days.ts';
import type { Period } from '../period.ts';
import type { Query } from './route.ts';

/** The word for days that somebody names, among the numbers of days to look back. */
export const CUSTOM = 'custom';

/** What a page is about: what to ask the server for, what the list of choices shows, and its days. */
export type ChosenPeriod = { asked: Query; choice: string; named: Period };

/** What a page's address says: `from` and `to`, which the server checks, or one of the numbers of days, else the usual one. */
export function periodIn(
  { from = '', to = '', days }: Query,
  { spans, usual, today }: { spans: string[]; usual: string; today: string },
): ChosenPeriod {
  if (from !== '' || to !== '') return { asked: { from, to }, choice: CUSTOM, named: { from, to } };
  const choice = spans.find((span) => span === days) ?? usual;
  return { asked: { days: choice }, choice, named: { from: daysBefore(Number(choice), today), to: today } };
}

export function choiceText(choice: string): string {
  if (choice === CUSTOM) return 'custom days';
  return choice === '1' ? 'the last day' : `the last ${choice} days`;
}
