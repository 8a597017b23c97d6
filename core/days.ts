/** Days are UTC's, and written as 2026-03-01, so that they sort by their names. */

export const DAY_MILLISECONDS = 86_400_000;

export function dayOf(time: Date | number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** The day so many days before that of a time, or before a day. */
export function daysBefore(count: number, time: Date | number | string): string {
  return dayOf(new Date(time).getTime() - count * DAY_MILLISECONDS);
}

export function isClosed(day: string, at: Date): boolean {
  return day < dayOf(at);
}

/** Whether a text is a day of the calendar: of the 30th of February, `Date` makes the 2nd of March. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && dayOf(time) === text;
}
