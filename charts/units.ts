import type { ChartPanel } from '../observability/panel.ts';

export type Unit = ChartPanel['unit'];

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

/** A number with its unit, as people read it: `57 %`, `0.134`, `12,345`, `1.25 s`. */
export function inUnit(value: number, unit: Unit): string {
  switch (unit) {
    case 'share':
      return percent(value);
    case 'distance':
      return value.toFixed(3);
    case 'count':
      return value >= 100 ? whole.format(value) : fine.format(value);
    case 'milliseconds':
      return duration(value);
  }
}

/** A share as per cent; below ten per cent with a decimal, so that a small one is not shown as none. */
export function percent(share: number): string {
  const hundredths = share * 100;
  const digits = hundredths !== 0 && Math.abs(hundredths) < 9.95 ? 1 : 0;
  return `${hundredths.toFixed(digits)}\u00a0%`;
}

/** A duration in milliseconds, in the unit that keeps it short. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)}\u00a0ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 120) return `${seconds.toFixed(seconds < 10 ? 2 : 1)}\u00a0s`;
  const minutes = seconds / 60;
  return minutes < 120 ? `${minutes.toFixed(1)}\u00a0min` : `${(minutes / 60).toFixed(1)}\u00a0h`;
}
