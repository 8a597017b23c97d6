import * as Plot from '@observablehq/plot';
import { QUIET_COLOUR, REFERENCE_COLOUR, seriesColour } from './colours.ts';
import { percent } from './units.ts';

/** A class: the chips predicted to be of it, and its share of them and of the reference. */
export type SharedClass = { name: string; count: number; share: number; reference: number };

export type SharesOptions = {
  /** In pixels; the height follows from the number of classes. */
  width?: number;
  /** Where there is no window, as on a server. */
  document?: NonNullable<Plot.PlotOptions['document']>;
};

type Bar = { name: string; side: 'predicted' | 'reference'; share: number; text: string };

const SIDES = ['predicted', 'reference'];
const BAR_HEIGHT = 15;
const GAP = 14;
/** About the width of a bold letter at 12 pixels, and the longest name that is written out. */
const LETTER = 7;
const MOST_LETTERS = 18;

/** Draws each class's share of the predictions above its share of the reference, as bars with their numbers. */
export function sharesChart(
  classes: readonly SharedClass[],
  { width = 480, document }: SharesOptions = {},
): ReturnType<typeof Plot.plot> {
  const bars = classes.flatMap(({ name, count, share, reference }): Bar[] => [
    { name, side: 'predicted', share, text: `${percent(share)} (${count.toLocaleString('en')} chips)` },
    { name, side: 'reference', share: reference, text: `${percent(reference)} in the reference` },
  ]);
  const widest = (texts: string[]) => Math.max(0, ...texts.map(({ length }) => length)) * LETTER;
  const texts = { y: 'side', fy: 'name', x: 'share', text: 'text', textAnchor: 'start', dx: 5 } as const;
  return Plot.plot({
    width,
    height: classes.length * (2 * BAR_HEIGHT + GAP) + GAP,
    marginLeft: widest(classes.map(({ name }) => shortened(name))) + 12,
    marginRight: widest(bars.map(({ text }) => text)) + 8,
    marginTop: GAP / 2,
    marginBottom: GAP / 2,
    ...(document && { document }),
    ariaLabel: `Share of each class: ${classes.map(({ name, share, reference }) => `${name} ${percent(share)}, ${percent(reference)} in the reference`).join('; ')}`,
    style: { fontSize: '12px', background: 'none' },
    x: { domain: [0, Math.max(0.01, ...bars.map(({ share }) => share))], axis: null },
    y: { domain: SIDES, axis: null, padding: 0.06 },
    fy: {
      domain: classes.map(({ name }) => name),
      axis: null,
      paddingInner: GAP / (2 * BAR_HEIGHT + GAP),
      round: false,
    },
    marks: [
      Plot.barX(bars, {
        y: 'side',
        fy: 'name',
        x: 'share',
        fill: ({ side }: Bar) => (side === 'predicted' ? seriesColour(0) : REFERENCE_COLOUR),
        fillOpacity: ({ side }: Bar) => (side === 'predicted' ? 1 : 0.55),
      }),
      Plot.text(
        bars.filter(({ side }) => side === 'predicted'),
        { ...texts, fontWeight: 600 },
      ),
      Plot.text(
        bars.filter(({ side }) => side === 'reference'),
        { ...texts, fill: QUIET_COLOUR },
      ),
      Plot.text(classes, {
        fy: 'name',
        text: ({ name }: SharedClass) => shortened(name),
        title: ({ name }: SharedClass) => (name.length > MOST_LETTERS ? name : null),
        frameAnchor: 'left',
        textAnchor: 'end',
        dx: -8,
      }),
      Plot.ruleX([0], { stroke: QUIET_COLOUR }),
    ],
  });
}

function shortened(name: string): string {
  return name.length <= MOST_LETTERS ? name : `${name.slice(0, MOST_LETTERS - 1)}…`;
}
