import * as z from 'zod';
import { monthIn } from './month.ts';

/** What may say when a scene was acquired; what is trusted most comes first. */
export const TIME_SOURCES = ['STAC Item', 'key', 'ACQUISITIONDATETIME', 'TIFFTAG_DATETIME'] as const;

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

/** Returns the month, from 1 to 12, in which a scene was acquired. To a tag that may say when the file was made, a date in the key is preferred. */
export function monthAcquired({ scene, acquired }: Dated): number | undefined {
  const month = acquired?.at ? Number(acquired.at.slice(5, 7)) : undefined;
  return acquired?.by === 'TIFFTAG_DATETIME' ? (monthIn(scene.key) ?? month) : month;
}

type Dated = { readonly scene: { readonly key: string }; readonly acquired?: Acquired | undefined };
