/** A time for people, in UTC and to the second: `2026-03-01 12:00:05`. */
export function shownTime(time: string): string {
  return time.slice(0, 19).replace('T', ' ');
}
