import { percent } from '../../charts/units.ts';

/** What stands where there is no number. */
export const NOTHING = '–';

export function whole(count: number | null): string {
  return count === null ? NOTHING : count.toLocaleString('en');
}

export function share(value: number | null): string {
  return value === null ? NOTHING : percent(value);
}

export function score(value: number | null): string {
  return value === null ? NOTHING : value.toFixed(3);
}

/** A difference of shares, in points of per cent, with its sign. */
export function points(difference: number): string {
  const rounded = Number((100 * difference).toFixed(1));
  return `${rounded < 0 ? '−' : rounded > 0 ? '+' : '±'}${Math.abs(rounded).toFixed(1)}`;
}

/** A p-value; the smallest ones say no more than that they are small. */
export function pValue(p: number): string {
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}

/** A name or a message of any length, with its end cut off where it is longer than that. */
export function cut(text: string, letters: number): string {
  return text.length <= letters ? text : `${text.slice(0, letters - 1)}…`;
}

const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeZone: 'UTC' });

/** `Sunday 1 March 2026`, of a YYYY-MM-DD. */
export function longDate(day: string): string {
  return date.format(new Date(`${day}T00:00:00Z`)).replace(',', '');
}

/** `2026-03-01 10:15 UTC`, of an ISO 8601 time. */
export function minute(time: string): string {
  return `${time.slice(0, 16).replace('T', ' ')} UTC`;
}
