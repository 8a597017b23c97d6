/** Formats a share in per cent; below ten per cent with a decimal, so that a small share does not look like none. */
export function percent(share: number): string {
  const hundredths = share * 100;
  const digits = hundredths !== 0 && Math.abs(hundredths) < 9.95 ? 1 : 0;
  return `${hundredths.toFixed(digits)}\u00a0%`;
}

let fine: Intl.NumberFormat | undefined;

/** Formats a number with four significant digits: `0.1235`, `12,350`; one that would be longer than `1,248,000,000` as `1.248e12`. */
export function precise(value: number): string {
  // Created on first use: loading its tables takes a tenth of a worker's start.
  fine ??= new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });
  const text = fine.format(value);
  return text.replace('-', '').length > 13 ? exponential(value) : text;
}

/** `4.857e28` */
export const exponential = (value: number): string => Number(value.toPrecision(4)).toExponential().replace('+', '');
