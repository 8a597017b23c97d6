/**
 * The colours of series, in their order, as CSS: a page sets the variables for its light and its dark theme, and what sets
 * none, such as a printed report, gets the fallbacks. Neighbours stay apart for people who see no red, no green or no
 * blue (simulated after Machado, Oliveira & Fernandes 2009), the first four best; each has a contrast of 3 : 1 with white.
 */
const SERIES = ['#1060b4', '#dd6100', '#8b173d', '#8f7fc2', '#5f9a70', '#033b7a', '#8a6461', '#c1351e'];

/** The colour of the series at an index; they begin anew where there are more than colours. */
export function seriesColour(index: number): string {
  const i = index % SERIES.length;
  return `var(--series-${i + 1}, ${SERIES[i]})`;
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
