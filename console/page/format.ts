/** How numbers and times are written; see charts/units.ts for those of charts. */

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** 12,345 */
export function count(n: number): string {
  return whole.format(n);
}

/** `1 chip`, `81 chips` */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** A distance between class shares: three decimals, as the command line prints it. */
export function distance(value: number): string {
  return value.toFixed(3);
}

/** A p-value; a very small one as the bound it is under. */
export function pValue(p: number): string {
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A file's size in decimal units: `972 kB`. */
export function bytes(n: number): string {
  const power = n < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(n) / 3));
  const value = n / 1000 ** power;
  return `${power > 0 && value < 10 ? value.toFixed(1) : Math.round(value)}\u00a0${UNITS[power]}`;
}

/** A point in time to the minute, in UTC: `2026-11-03 14:05`. */
export function minute(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}

/** What a missing number is shown as. */
export const NONE = '–';

/** A number that may be missing. */
export function orNone<T>(value: T | null | undefined, write: (value: T) => string): string {
  return value === null || value === undefined ? NONE : write(value);
}
