/** Returns how many seconds an answer asks to wait, as a number or until a date (RFC 9110, 10.2.3); undefined if it does not say. */
export function secondsToWait(after: string | null | undefined, now = Date.now()): number | undefined {
  const until = / GMT$/.test(after ?? '') ? Math.ceil((Date.parse(after!) - now) / 1000) : Number.NaN;
  const seconds = /^\d+$/.test(after ?? '') ? Number(after) : until;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
