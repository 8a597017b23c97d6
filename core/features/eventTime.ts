import { InvalidSceneFile } from '../base/errors.ts';
import { citedStart } from '../base/text/cited.ts';
import { instantIn } from '../base/time/instant.ts';
import { numberIn } from '../scenes/numberIn.ts';

/**
 * Returns an event time in UTC, ISO 8601 with milliseconds, of such a text, a date, or seconds since 1970 as feature stores write them.
 * @throws {InvalidSceneFile} with what was found and what is allowed; the message begins with `where`
 */
export function eventTimeOf(value: unknown, where: string): string {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  const seconds = typeof value === 'string' ? numberIn(value) : Number(value ?? Number.NaN);
  const isOfSeconds = typeof seconds === 'number' && seconds > 1e8 && seconds < 1e11; // until the year 5138
  const time = isOfSeconds ? new Date(Math.round(seconds * 1000)).toISOString() : instantIn(String(value), Infinity);
  if (time !== null) return time;
  throw new InvalidSceneFile(
    `${where}: found ${citedStart(String(value), 40)}, allowed is a time such as 2026-05-03T10:00:00Z, or seconds since 1970`,
  );
}
