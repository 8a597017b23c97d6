let fine: Intl.NumberFormat | undefined;

/** Formats a number of any size with four significant digits: `0.1235`, `12,350`. */
export function precise(value: number): string {
  // Created on first use: loading its tables takes a tenth of a worker's start.
  fine ??= new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });
  return fine.format(value);
}
