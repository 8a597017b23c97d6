import * as Plot from '@observablehq/plot';
import { precise } from '../core/base/text/numbers.ts';
import type { ShownBand } from '../core/measures/bands/shownBands.ts';
import { cut, distance, QUIET_COLOUR, REFERENCE_COLOUR, seriesColour, THRESHOLD_COLOUR } from './format.ts';
import { type Drawing, draw, type Place } from './plot.ts';

export const bandsMeaning =
  'Bars are the shares of the values that came, in bins that have about as many values each where nothing has moved; the grey line is the profile. The number is the Jensen–Shannon distance of the two, or the change of the mean on the same scale if a band drifts by that alone.';

/** About as wide is one of them, and so high. */
const [WIDTH, HEIGHT] = [160, 112];
const MOST_LETTERS = 12;

/** Draws each band by itself: its values' shares in the bins of the profile, and those of the profile. */
export function bandsChart(bands: readonly ShownBand[], { width = 640, document }: Place = {}): Drawing {
  const rows = Math.max(1, Math.ceil(bands.length / Math.max(1, Math.floor(width / WIDTH))));
  const columns = Math.max(1, Math.ceil(bands.length / rows)); // rows that are as long as each other, or nearly
  const placed = bands.map((band, i) => ({ ...band, fx: i % columns, fy: Math.floor(i / columns) }));
  const bins = placed.flatMap(({ shares, reference, verdict, fx, fy }) => {
    const highest = Math.max(...shares, ...reference); // each by itself: one of few bins would press the others down
    return shares.map((share, bin) => ({
      ...{ fx, fy, share: share / highest, reference: reference[bin]! / highest, isFar: verdict === 'drift' },
      ...{ from: bin / shares.length, to: (bin + 1) / shares.length },
    }));
  });
  const facet = { fx: 'fx', fy: 'fy' } as const;
  const corner = { ...facet, frameAnchor: 'top-left', textAnchor: 'start' } as const;
  return draw(document, {
    width,
    height: rows * HEIGHT,
    margins: [4, 4, 4, 4],
    ariaLabel: `Source bands: ${bands.map((band) => `${band.band} ${toldScore(band)}`).join('; ')}`,
    x: { domain: [0, 1], axis: null, insetLeft: 6, insetRight: 6 },
    y: { domain: [0, 1], axis: null, insetTop: 34, insetBottom: 18 },
    fx: { domain: Array.from({ length: columns }, (_, i) => i), axis: null },
    fy: { domain: Array.from({ length: rows }, (_, i) => i), axis: null },
    marks: [
      Plot.rectY(bins, {
        ...{ ...facet, x1: 'from', x2: 'to', y1: 0, y2: 'share', inset: 0.5 },
        fill: ({ isFar }: (typeof bins)[number]) => (isFar ? THRESHOLD_COLOUR : seriesColour(0)),
      }),
      Plot.ruleY(bins, { ...facet, x1: 'from', x2: 'to', y: 'reference', stroke: REFERENCE_COLOUR, strokeWidth: 2 }),
      Plot.text(placed, {
        ...{ ...corner, dx: 6, dy: 4, fontWeight: 700 },
        text: ({ band }: ShownBand) => cut(band, MOST_LETTERS),
        title: ({ band }: ShownBand) => (band.length > MOST_LETTERS ? band : null),
      }),
      Plot.text(placed, {
        ...{ ...corner, dx: 6, dy: 18 },
        text: toldScore,
        fill: ({ verdict }: ShownBand) => (verdict === 'drift' ? THRESHOLD_COLOUR : QUIET_COLOUR),
      }),
      Plot.text(placed, {
        ...{ ...facet, frameAnchor: 'bottom-left', textAnchor: 'start', dx: 6, dy: -2, fill: QUIET_COLOUR },
        text: ({ range: [from, to] }: ShownBand) => `${precise(from)} to ${precise(to)}`,
      }),
    ],
  });
}

const toldScore = ({ score, verdict }: ShownBand) => (score === null ? 'no values' : `${distance(score)}, ${verdict}`);
