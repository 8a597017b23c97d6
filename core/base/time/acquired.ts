import * as z from 'zod';
import { monthOf, yearMonthIn } from './month.ts';

/** What may say when a scene was acquired; what is trusted most comes first. */
export const TIME_SOURCES = [
  'STAC Item',
  'metadata',
  'key',
  'CF time',
  'ACQUISITIONDATETIME',
  'EXIF',
  'TIFFTAG_DATETIME',
] as const;

/** A time as its source has it, empty if it has none; of an interval, its start and end. */
export type TimeTold = { readonly by: (typeof TIME_SOURCES)[number]; readonly start: string; readonly end?: string };

export const acquiredSchema = z.object({
  /** In UTC; of an interval, its start. Null if what was found is no time. */
  at: z.iso.datetime().nullable(),
  until: z.iso.datetime().optional(),
  by: z.enum(TIME_SOURCES),
  /** What was found in place of a time, shortened. */
  found: z.string().optional(),
});
/** When a scene was acquired; never when its file arrived. */
export type Acquired = z.infer<typeof acquiredSchema>;

/** Returns the time itself, of an interval its start; null if it is not known. */
export const timeOf = (acquired: Acquired | undefined): Date | null => (acquired?.at ? new Date(acquired.at) : null);

/** Returns the year and month in which a scene was acquired, as YYYY-MM. To a tag that may say when the file was made, a date in the key is preferred. */
export function yearMonthAcquired({ scene, acquired }: Dated): string | undefined {
  const stated = acquired?.at?.slice(0, 7);
  return acquired?.by === 'TIFFTAG_DATETIME' ? (yearMonthIn(scene.key) ?? stated) : stated;
}

/** Returns the month of it, from 1 to 12. */
export const monthAcquired = (dated: Dated): number | undefined => monthOf(yearMonthAcquired(dated));

type Dated = { readonly scene: { readonly key: string }; readonly acquired?: Acquired | undefined };
