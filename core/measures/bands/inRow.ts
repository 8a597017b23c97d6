import type { StoredCounts } from '../../tasks/task.ts';
import { bandSumsOf } from './bandSumsText.ts';
import type { BandSums } from './bands.ts';

/**
 * A run's classes with what it keeps of its source bands' values, as text. It stands in the first entry, of which there always
 * is one: what the index by day holds cannot be changed. See docs/decisions/0027-bands-are-watched.md.
 */
export function withBands(classes: StoredCounts['classes'], bands: string): StoredCounts['classes'] {
  return classes.map((one, i) => (i === 0 ? { ...one, bands } : one));
}

/** The sums of a run, done or not; nothing of one whose package has no profile. */
export function bandsOfRow(row: {
  bands?: string | undefined;
  classes?: StoredCounts['classes'] | undefined;
}): BandSums {
  return row.bands === undefined ? bandsIn(row) : { bands: bandSumsOf(row.bands) };
}

/** The sums of such a run; nothing of another. */
export function bandsIn({ classes = [] }: { classes?: StoredCounts['classes'] | undefined }): BandSums {
  const text = classes[0]?.bands;
  return text === undefined ? {} : { bands: bandSumsOf(text) };
}
