import { doorOf } from '../doors/doorOf.ts';
import type { SceneRef } from '../messages.ts';
import { DAY_MILLISECONDS } from '../time/days.ts';

/**
 * When rows of requests and of predictions answered over HTTP expire, with those of their contents and messages: at the
 * midnight at which the bucket deletes their objects, `requestDays` days after the end of the run's day. In seconds
 * since 1970, as DynamoDB requires; it deletes such rows some days late. Rows of files have no such attribute.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
 */
export function expiry(requestDays: number, scene: SceneRef, day: string | undefined): { expires?: number } {
  return day === undefined || doorOf(scene) === 'file' ? {} : expiryOfDay(requestDays, day);
}

export function expiryOfDay(requestDays: number, day: string): { expires?: number } {
  if (requestDays === Infinity) return {};
  return { expires: (Date.parse(day) + (requestDays + 1) * DAY_MILLISECONDS) / 1000 };
}

/** Returns whether a row has expired by the beginning of a day: what is claimed on that day is new to it. */
export function hasExpired({ expires }: { expires?: unknown }, day: string): boolean {
  return typeof expires === 'number' && expires <= Date.parse(day) / 1000;
}
