/** Days are UTC and written as 2026-03-01, so that they sort as text. */

export const DAY_MILLISECONDS = 86_400_000;

export const dayOf = (time: Date | number): string => new Date(time).toISOString().slice(0, 10);

export const daysBefore = (count: number, time: Date | number | string): string =>
  dayOf(new Date(time).getTime() - count * DAY_MILLISECONDS);

export const isClosed = (day: string, at: Date): boolean => day < dayOf(at);

/** Returns whether a text is a calendar day: `Date` would read the 30th of February as the 2nd of March. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && dayOf(time) === text;
}
