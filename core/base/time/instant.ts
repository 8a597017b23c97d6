import { isDay } from './days.ts';

/** Those of a date and a time of day, as TIFF, GDAL and RFC 3339 write them. */
const TIME =
  /^(\d{4})[-:]?(\d\d)[-:]?(\d\d)(?:[T ](\d\d):?(\d\d)(?::?(\d\d(?:\.\d+)?))?(?:Z|([+-](?:0\d|1[0-4])):?([0-5]\d))?)?$/i;

/** The first day of many clocks and calendars, which stands for no time. */
const EARLIEST = Date.UTC(1900, 0, 2);

/**
 * Returns a time in UTC as ISO 8601, for example 2018-01-06T15:33:21.000Z of `2018:01:06 15:33:21`. Without a zone it counts as UTC, and a
 * day as its first moment. Null if there is no such time, it is later than `latest`, before 1900, or 0 in seconds since 1970.
 */
export function instantIn(text: string, latest: number): string | null {
  const [, year, month, day, hour = '00', minute = '00', second = '00', hours, minutes] = TIME.exec(text.trim()) ?? [];
  if (!isDay(`${year}-${month}-${day}`)) return null;
  const seconds = second.replace(/^60/, '59'); // a leap second, which JavaScript does not have
  const zone = hours === undefined ? 'Z' : `${hours}:${minutes}`;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${seconds}${zone}`);
  return time >= EARLIEST && time <= latest && time !== 0 ? new Date(time).toISOString() : null;
}
