import { attempt, citedStart, InvalidSceneFile, onError } from '../base/errors.ts';
import { instantIn } from '../base/time/instant.ts';
import { numberIn } from '../scenes/numberIn.ts';
import type { FeatureGroup, FeatureRecord } from './contract.ts';

/**
 * Returns an event time in UTC, ISO 8601 with milliseconds, of such a text, a date, or seconds or milliseconds since 1970.
 * @throws {InvalidSceneFile} with what was found and what is allowed; the message begins with `where`
 */
export function eventTimeOf(value: unknown, where: string): string {
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  const seconds = typeof value === 'string' ? numberIn(value) : Number(value ?? Number.NaN);
  const milliseconds = seconds !== null && seconds < 1e11 ? Math.round(seconds * 1000) : seconds; // 1e11 s are the year 5138
  const isTime = milliseconds !== null && milliseconds > 1e11 && milliseconds < 1e14;
  const time = isTime ? new Date(milliseconds).toISOString() : instantIn(String(value), Infinity);
  if (time !== null) return time;
  throw new InvalidSceneFile(
    `${where}: found ${citedStart(String(value), 40)}, allowed is a time such as 2026-05-03T10:00:00Z, or seconds since 1970`,
  );
}

/** Returns a record with its event time, or that it has none. */
export const recordAt = (time: unknown, { eventTime }: FeatureGroup, record: Omit<FeatureRecord, 'time'>) =>
  attempt(
    () => ({ ...record, time: eventTimeOf(time, `found a record without an event time: ${eventTime}`) }),
    onError(InvalidSceneFile, (error) => error),
  );
