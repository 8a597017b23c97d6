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

/** A window is judged anew with each of its scenes. More of them are no more looks, as each is a smaller part of it. */
const MOST_LOOKS = 3;

/**
 * Returns how often chance may exceed a window's noise floor: what is left to it, divided by the window's scenes, up to three. In simulated quiet years of
 * one scene a day to twenty, alarms are then as often as `chanceOfVerdict` says. Of scenes of which no reference says how alike their chips are, each counts
 * for so little that nothing is divided.
 * @param scenes the window's effective number
 */
export function alphaOf(
  { unit, clustering, ...model }: Watched & Pick<PackageFacts, 'unit' | 'clustering'>,
  { falseAlarmsPerYear, share = 1 }: Partial<VerdictLimits>,
  scenes = 1,
): number {
  if (unit === 'chip') return share * ALPHA_OF_CHIPS;
  const looks = clustering === undefined ? 1 : Math.min(MOST_LOOKS, Math.max(1, scenes));
  return share * Math.min(ALPHA_OF_CHIPS, chanceOfVerdict(model, falseAlarmsPerYear) / looks);
}

/** Each file of independent chips is another look. So many leave at most what `chanceOfVerdict` says, in simulated quiet years of ten files of three chips a day to a hundred of one. */
const LOOKS_AT_CHIPS = 10;

/** Returns how often chance may be behind a window's verdict, if that is less: where chips are independent, and too few for chance to stay below the threshold. Of a segment, it is its share. */
export function alphaOfVerdict(...[model, limits, scenes]: Parameters<typeof alphaOf>): number {
  const alpha = alphaOf(model, limits, scenes);
  if (model.unit === 'scene' || limits.share !== undefined) return alpha;
  return Math.min(alpha, chanceOfVerdict(model, limits.falseAlarmsPerYear) / LOOKS_AT_CHIPS);
}
