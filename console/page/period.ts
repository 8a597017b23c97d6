import { daysBefore } from '../../core/base/time/days.ts';
import { type Period, periodProblem } from '../period.ts';
import type { Query } from './route.ts';

/** The word for days that somebody names, among the numbers of days to look back. */
export const CUSTOM = 'custom';

/**
 * What a page is about: what to ask the server for, what the list of choices shows, the days that are named, and what is
 * wrong with them in a sentence.
 */
export type ChosenPeriod = { asked: Query; choice: string; named: Period; problem: string | null };

/** What a page's address says: `from` and `to`, or one of the page's numbers of days; what it cannot say is the usual number. */
export function periodIn(query: Query, { spans, usual, today }: { spans: string[]; usual: string; today: string }) {
  const { from = '', to = '', days } = query;
  const choice = spans.find((span) => span === days) ?? usual;
  const ofChoice = (one: string): Period => ({ from: daysBefore(Number(one), today), to: today });
  if (from === '' && to === '')
    return { asked: { days: choice }, choice, named: ofChoice(choice), problem: null } satisfies ChosenPeriod;
  const named = { from, to };
  const problem = periodProblem(named, today);
  return { asked: problem === null ? named : { days: usual }, choice: CUSTOM, named, problem } satisfies ChosenPeriod;
}

/** What a choice looks like in the list. */
export function choiceText(choice: string): string {
  if (choice === CUSTOM) return 'custom days';
  return choice === '1' ? 'the last day' : `the last ${choice} days`;
}
