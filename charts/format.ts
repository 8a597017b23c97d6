import { lazily } from '../core/base/lazily.ts';
import { exponential, percent, precise } from '../core/base/text/numbers.ts';
import { SERIES_COLOURS } from '../core/tasks/seriesColours.ts';
import type { ChartPanel } from '../observability/panel.ts';

/** How numbers and times are written: in charts, on the console's page, in reports. */

export type Unit = ChartPanel['unit'];

/** Made when they are needed: the first one takes 10 ms of a process. */
const whole = lazily(() => new Intl.NumberFormat('en', { maximumFractionDigits: 0 }));
const fine = lazily(() => new Intl.NumberFormat('en', { maximumFractionDigits: 2 }));
const compact = lazily(() => new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 }));

/** 12,345 */
export const count = (n: number): string => whole().format(n);

/** `1 chip`, `81 chips` */
export const counted = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;

/** An area in hectares, to a tenth, or whole where it is large: `15.4`, `12,308`. */
export const hectares = (area: number) => (area >= 100 ? count(area) : area >= 1 ? area.toFixed(1) : precise(area));

/** A distance between class shares: three decimals, as the command line prints it. */
export const distance = (value: number): string => value.toFixed(3);

/** A difference of shares, in points of per cent, with its sign. */
export function points(difference: number): string {
  const rounded = Number((100 * difference).toFixed(1));
  return `${rounded < 0 ? '−' : rounded > 0 ? '+' : '±'}${Math.abs(rounded).toFixed(1)}`;
}

/** A p-value; a very small one as the bound it is under. */
export const pValue = (p: number): string => (p < 0.001 ? '< 0.001' : p.toFixed(3));

/** A duration in milliseconds, in the unit that keeps it short. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)}\u00a0ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 120) return `${seconds.toFixed(seconds < 10 ? 2 : 1)}\u00a0s`;
  const minutes = seconds / 60;
  return minutes < 120 ? `${minutes.toFixed(1)}\u00a0min` : `${(minutes / 60).toFixed(1)}\u00a0h`;
}

const few = (value: number): string => (value >= 100 ? count(value) : fine().format(value));
const byUnit = { share: percent, distance, count: few, number: precise, milliseconds: duration };

/** A number with its unit, as people read it: `57 %`, `0.134`, `12,345`, `1.25 s`. */
export const inUnit = (value: number, unit: Unit): string => byUnit[unit](value);

/** A number of an axis that goes to `end`: it fits beside the axis, and all of them are written alike. */
export function atAxis(value: number, end: number): string {
  if (value === 0) return '0';
  if (end < 1e-3 || end >= 1e15) return exponential(value);
  return end < 1e5 ? precise(value) : compact().format(value);
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A file's size in decimal units: `972 kB`. */
export function bytes(n: number): string {
  const power = n < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(n) / 3));
  const value = n / 1000 ** power;
  return `${power > 0 && value < 10 ? value.toFixed(1) : Math.round(value)}\u00a0${UNITS[power]}`;
}

/** A point in time to the minute, in UTC: `2026-11-03 14:05`. */
export const minute = (iso: string): string => iso.slice(0, 16).replace('T', ' ');

/** A place on earth as people write it: `52.7388° N, 8.9719° W`; four decimals are ten metres. */
export function degrees([longitude, latitude]: readonly [number, number]): string {
  const side = (value: number, positive: string, negative: string) =>
    `${Math.abs(value).toFixed(4)}° ${value < 0 ? negative : positive}`;
  const east = longitude > 180 ? longitude - 360 : longitude; // across the antimeridian
  return `${side(latitude, 'N', 'S')}, ${side(east, 'E', 'W')}`;
}

/** What a missing number is shown as. */
export const NONE = '–';

export const orNone = <T>(value: T | null | undefined, write: (value: T) => string): string =>
  value === null || value === undefined ? NONE : write(value);

export const figureText = ({ value, unit }: { value: number | null; unit: Unit }): string =>
  orNone(value, (known) => inUnit(known, unit));

/** A name or a message of any length, with its end cut off where it is longer than that. */
export const cut = (text: string, letters: number) =>
  text.length <= letters ? text : `${text.slice(0, letters - 1)}…`;

/** A text with what it names in braces filled in. */
export const filled = (text: string, named: Readonly<Record<string, unknown>>): string =>
  text.replaceAll(/\{(.+?)\}/g, (_, name: string) => String(named[name]));

/** How much of the text's colour is in those of each round, in per cent: a darker shade on paper, a lighter one in the dark. */
const INK = [0, 50, 25, 75];

/**
 * The colour of the series at an index, as CSS: a page sets the variables for its light and its dark theme, and what sets none,
 * such as a printed report, gets the fallbacks. Where there are more series than colours, they begin anew in other shades.
 */
export function seriesColour(index: number): string {
  const i = index % SERIES_COLOURS.length;
  const colour = `var(--series-${i + 1}, ${SERIES_COLOURS[i]})`;
  const ink = INK[Math.floor(index / SERIES_COLOURS.length) % INK.length]!;
  return ink === 0 ? colour : `color-mix(in srgb, ${colour}, var(--chart-ink, #1b232c) ${ink}%)`;
}

/** What something is measured against. */
export const REFERENCE_COLOUR = 'var(--chart-reference, #7a8592)';
/** A line that must not be crossed. */
export const THRESHOLD_COLOUR = 'var(--chart-threshold, #c4320a)';
/** Axes, their numbers, and marks that explain. */
export const QUIET_COLOUR = 'var(--chart-quiet, #5b6672)';
export const GRID_COLOUR = 'var(--chart-grid, #dfe4ea)';
/** What a chart stands on: halos around text, and gaps between bars. */
export const PAPER_COLOUR = 'var(--plot-background, #fff)';
