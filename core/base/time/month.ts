/** A date in a file's name, such as `20260301` or `2026-03-01`, of which the separators may be missing. */
const DATE = /(?<!\d)(?:19|20)\d\d([-_]?)(0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])(?:\d{4}|\d{6})?(?!\d)/;

/** Returns the month, from 1 to 12, of the first date that a text has; undefined without one. */
export function monthIn(text: string): number | undefined {
  const month = DATE.exec(text)?.[2];
  return month === undefined ? undefined : Number(month);
}
