/** A time for people, to the second: `2026-03-01 12:00:05 UTC`. */
export function shownTime(time: string): string {
  return `${time.slice(0, 19).replace('T', ' ')} UTC`;
}
