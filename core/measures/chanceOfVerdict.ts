import type { PackageFacts } from '../package/facts.ts';
import type { VerdictLimits } from './expected.ts';

/** What a package has that verdicts follow. */
export type Watched = Partial<Pick<PackageFacts, 'profile' | 'expectedAccuracy' | 'segments' | 'chipSegments'>>;

/**
 * Returns how often chance alone may lead to a single verdict `drift`, or to a missed accuracy: a stage's false alarms per year, shared out
 * over the days and over the verdicts that alarms follow (Bonferroni). These are the predictions of the recent window and of many days, the
 * source bands if there is a profile, the accuracy if one is expected: twice, because a day is judged again when its truth comes late. All but
 * that of many days are judged once more for each name that the package tells segments apart by, where these are of chips without bands.
 * @example chanceOfVerdict({}, 4) // 0.00548, once in 183 days for each of two verdicts
 */
export function chanceOfVerdict(model: Watched, falseAlarmsPerYear = 4): number {
  const { profile, expectedAccuracy, segments = {}, chipSegments = {} } = model;
  const ofChips = 1 + (expectedAccuracy === undefined ? 0 : 2);
  const ofFiles = ofChips + (profile === undefined ? 0 : 1);
  const verdicts = 1 + ofFiles * (1 + Object.keys(segments).length) + ofChips * Object.keys(chipSegments).length;
  return falseAlarmsPerYear / 365 / verdicts;
}

/** What is left to chance where chips are independent: of hundreds of them, as windows have, it comes nowhere near a threshold. */
const ALPHA_OF_CHIPS = 0.01;

/** Returns how often chance may exceed a window's noise floor. */
export function alphaOf(model: Watched & Pick<PackageFacts, 'unit'>, limits: Partial<VerdictLimits>): number {
  const { falseAlarmsPerYear, share = 1 } = limits;
  if (model.unit === 'chip') return share * ALPHA_OF_CHIPS;
  return share * Math.min(ALPHA_OF_CHIPS, chanceOfVerdict(model, falseAlarmsPerYear));
}
