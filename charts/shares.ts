import { largest } from '../core/base/text/largest.ts';
import { percent } from '../core/base/text/numbers.ts';
import type { NamedShare } from '../core/drift/window.ts';
import { count, counted, points } from './format.ts';
import { pairedBars } from './pairedBars.ts';
import type { Drawing, Place } from './plot.ts';

/** Of many classes the ten largest, of the predictions or of the reference, and the others together. */
export const largestShares = (shares: readonly NamedShare[]): NamedShare[] =>
  largest(shares, ({ share, reference }) => Math.max(share, reference));

/** The numbers of a row of their table: the count, unless counts are sums of shares, both shares, and how far they differ. */
export function shareTexts({ count: n, share, reference }: NamedShare, isOfShares = false): string[] {
  const shares = [percent(share), percent(reference), points(share - reference)];
  return isOfShares ? shares : [count(n), ...shares];
}

/**
 * Draws each name's share of the predictions above its share of the reference, as bars with their numbers; `word` is what
 * has the names, such as `class`; where counts are sums of shares, they are no numbers of chips.
 */
export function sharesChart(
  all: readonly NamedShare[],
  { word, isOfShares = false, ...place }: Place & { word: string; isOfShares?: boolean | undefined },
): Drawing {
  const shares = largestShares(all);
  const first = shares.map(({ name, count, share }) => {
    return { name, value: share, text: isOfShares ? percent(share) : `${percent(share)} (${counted(count, 'chip')})` };
  });
  const second = shares.map(({ name, reference }) => {
    return { name, value: reference, text: `${percent(reference)} in the reference` };
  });
  const told = shares.map(({ name, share }, i) => `${name} ${percent(share)}, ${second[i]!.text}`);
  return pairedBars({ ariaLabel: `Share of each ${word}: ${told.join('; ')}`, first, second }, place);
}
