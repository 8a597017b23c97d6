/** So long before its end a day is treated as if it had closed: what is written now may be seen when it has. */
const NEARLY_MILLISECONDS = 60_000;

/** Whether a UTC day is over at a time, or about to be. */
export function isNearlyClosed(day: string, at: Date): boolean {
  return day < new Date(at.getTime() + NEARLY_MILLISECONDS).toISOString().slice(0, 10);
}
