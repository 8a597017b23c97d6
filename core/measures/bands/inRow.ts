import type { StoredCounts } from '../../tasks/task.ts';
import { bandSumsOf } from './bandSumsText.ts';
import type { BandSums } from './bands.ts';

/**
 * Returns a run's classes with the text of its bands' distributions in the first entry, which always exists: the projection
 * of the index by day cannot be changed. See docs/decisions/0027-bands-are-watched.md.
 */
export function withBands(classes: StoredCounts['classes'], bands: string): StoredCounts['classes'] {
  return classes.map((one, i) => (i === 0 ? { ...one, bands } : one));
}

/** Returns the sums of a run, done or not; nothing if its package has no profile. */
export function bandsOfRow(row: {
  bands?: string | undefined;
  classes?: StoredCounts['classes'] | undefined;
}): BandSums {
  return row.bands === undefined ? bandsIn(row) : { bands: bandSumsOf(row.bands) };
}

/** Returns the sums of a run that is done; nothing for others. */
export function bandsIn({ classes = [] }: { classes?: StoredCounts['classes'] | undefined }): BandSums {
  const text = classes[0]?.bands;
  return text === undefined ? {} : { bands: bandSumsOf(text) };
}
