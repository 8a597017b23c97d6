/** A date in a file's name, such as `20260301` or `2026-03-01`, of which the separators may be missing. */
const DATE = /(?<!\d)((?:19|20)\d\d)([-_]?)(0[1-9]|1[0-2])\2(?:0[1-9]|[12]\d|3[01])(?:\d{4}|\d{6})?(?!\d)/;
/** The folder that commands put a file into, by its content: no date. */
const DIGEST = /^[0-9a-f]{12}\//;

/** Returns the year and month of the first date that a text has, as YYYY-MM; undefined without one. */
export function yearMonthIn(text: string): string | undefined {
  const [, year, , month] = DATE.exec(text.replace(DIGEST, '')) ?? [];
  return month && `${year}-${month}`;
}

export const monthOf = (found: string | undefined) => (found === undefined ? undefined : Number(found.slice(5)));

/** Returns the month, from 1 to 12, of the first date that a text has; undefined without one. */
export const monthIn = (text: string): number | undefined => monthOf(yearMonthIn(text));
