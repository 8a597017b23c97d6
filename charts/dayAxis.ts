import * as Plot from '@observablehq/plot';
import { DAY_MILLISECONDS } from '../core/base/time/days.ts';
import { QUIET_COLOUR } from './colours.ts';

/** Pixels that the date of a tick takes. */
const TICK_WIDTH = 64;

const dayAndMonth = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** An axis of UTC days, each with its date in its middle where there is room. */
export function dayAxis({ start, end, width, isEmpty }: { start: Date; end: Date; width: number; isEmpty: boolean }) {
  return Plot.axisX({
    ticks: isEmpty ? [] : ticksOf(start, end, width),
    label: null,
    tickSize: 3,
    color: QUIET_COLOUR,
    tickFormat: (date: Date) => dayAndMonth.format(date),
  });
}

/** Days that have room for their dates: every one, or every so many back from the last one. */
function ticksOf(start: Date, end: Date, width: number): Date[] {
  const days = Math.round((end.getTime() - start.getTime()) / DAY_MILLISECONDS);
  const step = Math.max(1, Math.ceil((days * TICK_WIDTH) / width));
  const count = Math.ceil(days / step);
  return Array.from({ length: count }, (_, i) => laterBy(end, -0.5 - i * step)).reverse();
}

/** @param day YYYY-MM-DD */
export function startOf(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}

export function laterBy(date: Date, days: number): Date {
  return new Date(date.getTime() + days * DAY_MILLISECONDS);
}
