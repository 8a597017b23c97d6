const fine = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });

/** A number of any size to four digits: `0.1235`, `12,350`. */
export function precise(value: number): string {
  return fine.format(value);
}
