import type { PackageFacts } from '../package/facts.ts';

/** The default of the parameter `falseAlarmsPerYear`. */
export const FALSE_ALARMS_PER_YEAR = 4;

/**
 * Returns how often chance alone may lead to a single verdict `drift`, or to a missed accuracy: a stage's false alarms per year, shared out
 * over the days and over the verdicts that alarms follow (Bonferroni). These are the predictions of the recent window and of many days, the
 * source bands if there is a profile, and the accuracy if one is expected: twice, because a day is judged again when its truth comes late.
 *
 * @example chanceOfVerdict({}, 4) // 0.00548, once in 183 days for each of two verdicts
 */
export function chanceOfVerdict(
  { profile, expectedAccuracy }: Partial<Pick<PackageFacts, 'profile' | 'expectedAccuracy'>>,
  falseAlarmsPerYear = FALSE_ALARMS_PER_YEAR,
): number {
  const verdicts = 2 + (profile === undefined ? 0 : 1) + (expectedAccuracy === undefined ? 0 : 2);
  return falseAlarmsPerYear / 365 / verdicts;
}

/** What is left to chance where chips are independent: of hundreds of them, as windows have, it comes nowhere near a threshold. */
const ALPHA_OF_CHIPS = 0.01;

/** Returns how often chance may exceed a window's noise floor. */
export function alphaOf(
  { unit, ...model }: Parameters<typeof chanceOfVerdict>[0] & Pick<PackageFacts, 'unit'>,
  falseAlarmsPerYear: number | undefined,
): number {
  return unit === 'chip' ? ALPHA_OF_CHIPS : Math.min(ALPHA_OF_CHIPS, chanceOfVerdict(model, falseAlarmsPerYear));
}
