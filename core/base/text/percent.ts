/** Formats a share in per cent; below ten per cent with a decimal, so that a small share does not look like none. */
export function percent(share: number): string {
  const hundredths = share * 100;
  const digits = hundredths !== 0 && Math.abs(hundredths) < 9.95 ? 1 : 0;
  return `${hundredths.toFixed(digits)}\u00a0%`;
}
