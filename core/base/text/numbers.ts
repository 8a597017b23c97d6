/** Formats a share in per cent; below ten per cent with a decimal, so that a small share does not look like none. */
export function percent(share: number): string {
  const hundredths = share * 100;
  const digits = hundredths !== 0 && Math.abs(hundredths) < 9.95 ? 1 : 0;
  return `${hundredths.toFixed(digits)}\u00a0%`;
}

let fine: Intl.NumberFormat | undefined;

/** Formats a number of any size with four significant digits: `0.1235`, `12,350`. */
export function precise(value: number): string {
  // Created on first use: loading its tables takes a tenth of a worker's start.
  fine ??= new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });
  return fine.format(value);
}
