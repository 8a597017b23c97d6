import { largest } from '../core/base/text/largest.ts';
import { percent } from '../core/base/text/numbers.ts';
import type { ShownShare } from '../core/drift/window.ts';
import { count, counted, points } from './format.ts';
import { pairedBars } from './pairedBars.ts';
import type { Drawing, Place } from './plot.ts';

/** Of many classes the ten largest, of the predictions or of the reference, and the others together. */
export const largestShares = (shares: readonly ShownShare[]): ShownShare[] =>
  largest(shares, ({ share, reference }) => Math.max(share, reference ?? 0));

/** The heads of their table's numbers: the count, unless counts are sums of shares, both shares, and how far they differ in points. */
export const shareHeads = (shares: readonly ShownShare[], isOfShares = false): string[] => [
  ...(isOfShares ? [] : ['Predicted']),
  'Share',
  ...(hasReference(shares) ? ['Reference', 'Difference'] : []),
];

/** The numbers of a row of the table. */
export function shareTexts({ count: n, share, reference }: ShownShare, isOfShares = false): string[] {
  const expected = reference === null ? [] : [percent(reference), points(share - reference)];
  return [...(isOfShares ? [] : [count(n)]), percent(share), ...expected];
}

/** Not if it is provisional. */
export const hasReference = (shares: readonly ShownShare[]) => shares.every(({ reference }) => reference !== null);

/**
 * Draws each name's share of the predictions above its share of the reference, as bars with their numbers; `word` is what
 * has the names, such as `class`; where counts are sums of shares, they are no numbers of chips.
 */
export function sharesChart(
  all: readonly ShownShare[],
  { word, isOfShares = false, ...place }: Place & { word: string; isOfShares?: boolean | undefined },
): Drawing {
  const shares = largestShares(all);
  const first = shares.map(({ name, count, share }) => {
    return { name, value: share, text: isOfShares ? percent(share) : `${percent(share)} (${counted(count, 'chip')})` };
  });
  const second = shares.flatMap(({ name, reference }) =>
    reference === null ? [] : [{ name, value: reference, text: `${percent(reference)} in the reference` }],
  );
  const beside = second.map(({ text }) => `, ${text}`);
  const told = shares.map(({ name, share }, i) => `${name} ${percent(share)}${beside[i] ?? ''}`);
  return pairedBars({ ariaLabel: `Share of each ${word}: ${told.join('; ')}`, first, second }, place);
}
