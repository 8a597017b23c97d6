import { SERIES_COLOURS } from '../core/tasks/seriesColours.ts';

/**
 * The colour of the series at an index, as CSS: a page sets the variables for its light and its dark theme, and what sets none,
 * such as a printed report, gets the fallbacks. They begin anew where there are more series than colours.
 */
export function seriesColour(index: number): string {
  const i = index % SERIES_COLOURS.length;
  return `var(--series-${i + 1}, ${SERIES_COLOURS[i]})`;
}

/** What something is measured against. */
export const REFERENCE_COLOUR = 'var(--chart-reference, #7a8592)';
/** A line that must not be crossed. */
export const THRESHOLD_COLOUR = 'var(--chart-threshold, #c4320a)';
/** Axes, their numbers, and marks that explain. */
export const QUIET_COLOUR = 'var(--chart-quiet, #5b6672)';
/** Behind everything. */
export const GRID_COLOUR = 'var(--chart-grid, #dfe4ea)';
/** What a chart stands on: halos around text, and gaps between bars. */
export const PAPER_COLOUR = 'var(--plot-background, #fff)';
