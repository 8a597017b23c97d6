import { listed } from '../base/errors.ts';
import { percent } from '../base/text/numbers.ts';
import { printable } from '../base/text/printable.ts';
import type { DriftScores } from '../ledger/ledgerRow.ts';
import type { KnownAccuracy, ShownSegment } from './segments.ts';

type Scenes = Pick<DriftScores, 'scenes'>;

/** Says how many scenes the predictions are of, and what they are worth; null if each chip counts by itself. */
export function scenesText({ scenes }: Scenes): string | null {
  if (scenes === undefined) return null;
  const [of, chips] = [scenesLike(scenes.count), digits(scenes.independentChips)];
  return `${of}, which ${of === '1 scene' ? 'says' : 'say'} as much as ${chips} independent ${chips === '1' ? 'chip' : 'chips'}`;
}

/** Names the reference: the whole, or that of some months. */
export function referenceText({ season }: Pick<DriftScores, 'season'>): string {
  const name = (month: number) => new Date(2026, month - 1).toLocaleString('en', { month: 'long' });
  return season === undefined ? 'the reference' : `the reference of ${listed(season.map(name))}`;
}

/** Says why some scenes are too few for a verdict, and what it takes; null if each chip counts by itself. */
export function tooFewScenes({ scenes }: Scenes): string | null {
  if (scenes === undefined) return null;
  const few = `the chips of a scene are alike, and ${scenesLike(scenes.count)} can pass the threshold by chance`;
  if (scenes.needed === null) return `${few}, as long as the window or the reference is of so few`;
  const isMeasured = scenes.independentChips !== scenes.count;
  const measure = ', or a reference that says how alike they are, as "swath model profile --from-runs 30d" makes it';
  return `${few}: a verdict takes about ${digits(scenes.needed)} like these${isMeasured ? '' : measure}`;
}

/** Scenes of different size count as fewer of equal size. */
function scenesLike(count: number): string {
  const shown = digits(count);
  return `${shown} ${shown === '1' ? 'scene' : 'scenes'}`;
}

/** Two digits of a small number, and all of a larger one. */
const digits = (number: number): string =>
  (number < 10 ? Number(number.toPrecision(2)) : Math.round(number)).toLocaleString('en-US');

/** Says how far the mean of predicted numbers has moved; null unless they drift by it alone. */
export function meanText({ mean }: Pick<DriftScores, 'mean'>): string | null {
  if (mean === undefined || mean.score === 0) return null;
  const { shift, noise } = mean;
  return `their mean is ${Math.abs(shift).toFixed(2)} standard deviations ${shift < 0 ? 'below' : 'above'} the reference's, of which chance explains ${noise.toFixed(2)}`;
}

const SHARES_SHOWN = 6;

/** Says the largest shares of a segment, with the names as they can be shown. */
export function sharesText(shares: ShownSegment['shares'], shown: (name: string) => string): string {
  const largest = shares.toSorted((a, b) => b.share - a.share).slice(0, SHARES_SHOWN);
  return largest.map(({ name, share }) => `${shown(name)} ${percent(share)}`).join(', ');
}

/** Says which of these segments drift, and which miss the expected accuracy, a sentence each. */
export const segmentTexts = (segments: readonly Pick<ShownSegment, 'by' | 'name' | 'drift' | 'bands' | 'accuracy'>[]) =>
  segments.flatMap(({ by, name, drift, bands, accuracy }) => {
    const what = drift?.verdict === 'drift' ? ['the predictions', ...bands] : bands;
    const drifting = what.length > 0 ? [`there is drift: ${what.map(printable).join(', ')}`] : [];
    const missed = (accuracy?.shortfall ?? 0) > 0 ? [`too few are right: ${accuracyText(accuracy!)}`] : [];
    return [...drifting, ...missed].map((said) => `Within ${by} ${printable(name)}, ${said}.`);
  });

/** Says how many predictions are right: `82 % of 120 (74 % to 88 %)`, and whether that is below the expected share by more than chance. */
export function accuracyText({ n, share, interval, shortfall }: KnownAccuracy): string {
  const below = (shortfall ?? 0) > 0 ? ', below the expected' : '';
  return `${percent(share)} of ${n.toLocaleString('en-US')} (${interval.map(percent).join(' to ')})${below}`;
}
