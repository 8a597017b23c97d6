import * as Plot from '@observablehq/plot';
import { cut, QUIET_COLOUR, REFERENCE_COLOUR, seriesColour } from './format.ts';
import { type Drawing, draw, type Place } from './plot.ts';

/** A bar with its number; `interval` is drawn across its end. */
export type PairedBar = {
  name: string;
  value: number;
  text: string;
  interval?: readonly [low: number, high: number] | undefined;
};

type Pairs = { ariaLabel: string; first: readonly PairedBar[]; second: readonly PairedBar[] };

const BAR_HEIGHT = 15;
const GAP = 14;
/** About the width of a bold letter at 12 pixels, and the longest name that is written out. */
const LETTER = 7;
const MOST_LETTERS = 18;

/** Draws a bar for each name, with its number, above the one it is held against, if any. Their number gives the height. */
export function pairedBars({ ariaLabel, first, second }: Pairs, { width = 480, document }: Place): Drawing {
  const bars = [first, second].flatMap((all, side) => all.map((bar) => ({ ...bar, side })));
  type Bar = (typeof bars)[number];
  const sides = [...new Set(bars.map(({ side }) => side))];
  const isFirst = ({ side }: Bar) => side === 0;
  const perName = Math.max(1, sides.length) * BAR_HEIGHT + GAP;
  const widest = (texts: string[]) => Math.max(0, ...texts.map(({ length }) => length)) * LETTER;

  const others = bars.filter((bar) => !isFirst(bar));
  const intervals = bars.filter(({ interval }) => interval !== undefined);
  const place = { y: 'side', fy: 'name' } as const;
  const texts = { ...place, x: endOf, text: 'text', textAnchor: 'start', dx: 5 } as const;
  const names = { fy: 'name', frameAnchor: 'left', textAnchor: 'end', dx: -8 } as const;
  const left = widest(first.map(({ name }) => cut(name, MOST_LETTERS))) + 12;
  return draw(document, {
    width,
    height: first.length * perName + GAP,
    margins: [GAP / 2, widest(bars.map(({ text }) => text)) + 8, GAP / 2, left],
    fontSize: '12px',
    ariaLabel,
    x: { domain: [0, Math.max(Number.MIN_VALUE, ...bars.map(endOf))], axis: null },
    y: { domain: sides, axis: null, padding: 0.06 },
    fy: { domain: first.map(({ name }) => name), axis: null, paddingInner: GAP / perName, round: false },
    marks: [
      Plot.barX(bars, {
        ...{ ...place, x: 'value' },
        fill: (bar: Bar) => (isFirst(bar) ? seriesColour(0) : REFERENCE_COLOUR),
        fillOpacity: (bar: Bar) => (isFirst(bar) ? 1 : 0.55),
      }),
      Plot.ruleY(intervals, { ...place, x1: ({ interval }: Bar) => interval![0], x2: endOf, strokeWidth: 2 }),
      Plot.text(bars.filter(isFirst), { ...texts, fontWeight: 600 }),
      Plot.text(others, { ...texts, fill: QUIET_COLOUR }),
      Plot.text(first, {
        ...names,
        text: ({ name }: PairedBar) => cut(name, MOST_LETTERS),
        title: ({ name }: PairedBar) => (name.length > MOST_LETTERS ? name : null),
      }),
      Plot.ruleX([0], { stroke: QUIET_COLOUR }),
    ],
  });
}

const endOf = ({ value, interval }: PairedBar): number => Math.max(value, interval?.[1] ?? 0);
