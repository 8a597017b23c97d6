import * as Plot from '@observablehq/plot';
import { largest } from '../core/base/text/largest.ts';
import { percent } from '../core/base/text/percent.ts';
import type { NamedShare } from '../core/drift/window.ts';
import { QUIET_COLOUR, REFERENCE_COLOUR, seriesColour } from './colours.ts';
import { counted } from './format.ts';
import { type Drawing, draw, type Place } from './plot.ts';

/** Of many classes the ten largest, of the predictions or of the reference, and the others together. */
export function largestShares(shares: readonly NamedShare[]): NamedShare[] {
  return largest(shares, ({ share, reference }) => Math.max(share, reference));
}

type Bar = { name: string; side: 'predicted' | 'reference'; share: number; text: string };

const SIDES = ['predicted', 'reference'];
const BAR_HEIGHT = 15;
const GAP = 14;
/** About the width of a bold letter at 12 pixels, and the longest name that is written out. */
const LETTER = 7;
const MOST_LETTERS = 18;

/**
 * Draws each name's share of the predictions above its share of the reference, as bars with their numbers; `word` is what
 * has the names, such as `class`; where counts are sums of shares, they are no numbers of chips. The height follows from their number.
 */
export function sharesChart(
  all: readonly NamedShare[],
  { word, isOfShares = false, width = 480, document }: Place & { word: string; isOfShares?: boolean | undefined },
): Drawing {
  const shares = largestShares(all);
  const predicted = shares.map(({ name, count, share }): Bar => {
    const text = isOfShares ? percent(share) : `${percent(share)} (${counted(count, 'chip')})`;
    return { name, side: 'predicted', share, text };
  });
  const reference = shares.map(({ name, reference: share }): Bar => {
    return { name, side: 'reference', share, text: `${percent(share)} in the reference` };
  });
  const bars = predicted.flatMap((bar, i) => [bar, reference[i]!]);
  const paddingInner = GAP / (2 * BAR_HEIGHT + GAP);
  const widest = (texts: string[]) => Math.max(0, ...texts.map(({ length }) => length)) * LETTER;
  const texts = { y: 'side', fy: 'name', x: 'share', text: 'text', textAnchor: 'start', dx: 5 } as const;
  const left = widest(shares.map(({ name }) => shortened(name))) + 12;
  const right = widest(bars.map(({ text }) => text)) + 8;
  const height = shares.length * (2 * BAR_HEIGHT + GAP) + GAP;
  return draw(document, {
    width,
    height,
    margins: [GAP / 2, right, GAP / 2, left],
    fontSize: '12px',
    ariaLabel: `Share of each ${word}: ${shares.map(({ name, share, reference }) => `${name} ${percent(share)}, ${percent(reference)} in the reference`).join('; ')}`,
    x: { domain: [0, Math.max(0.01, ...bars.map(({ share }) => share))], axis: null },
    y: { domain: SIDES, axis: null, padding: 0.06 },
    fy: { domain: shares.map(({ name }) => name), axis: null, paddingInner, round: false },
    marks: [
      Plot.barX(bars, {
        y: 'side',
        fy: 'name',
        x: 'share',
        fill: ({ side }: Bar) => (side === 'predicted' ? seriesColour(0) : REFERENCE_COLOUR),
        fillOpacity: ({ side }: Bar) => (side === 'predicted' ? 1 : 0.55),
      }),
      Plot.text(predicted, { ...texts, fontWeight: 600 }),
      Plot.text(reference, { ...texts, fill: QUIET_COLOUR }),
      Plot.text(shares, {
        fy: 'name',
        text: ({ name }: NamedShare) => shortened(name),
        title: ({ name }: NamedShare) => (name.length > MOST_LETTERS ? name : null),
        frameAnchor: 'left',
        textAnchor: 'end',
        dx: -8,
      }),
      Plot.ruleX([0], { stroke: QUIET_COLOUR }),
    ],
  });
}

const shortened = (name: string): string =>
  name.length <= MOST_LETTERS ? name : `${name.slice(0, MOST_LETTERS - 1)}…`;
