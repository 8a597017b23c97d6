import { QUIET_COLOUR, REFERENCE_COLOUR, seriesColour, THRESHOLD_COLOUR } from './colours.ts';

/** How a series is told from the others, in a chart and in its legend. */
export type Look = { colour: string; isDashed: boolean };

/** What went wrong stands out wherever runs are counted by their end state. */
const STATE_COLOURS: Record<string, string> = {
  DONE: seriesColour(0),
  EMPTY: REFERENCE_COLOUR,
  DUPLICATE: QUIET_COLOUR,
  INVALID: seriesColour(1),
  FAILED: THRESHOLD_COLOUR,
};

/**
 * The looks of a panel's lines, in their order. References are dashed: grey, or, where there is one for each line of
 * several (a class's share and its reference), in the colour of theirs.
 */
export function looksOf(lines: readonly { label: string; isReference: boolean }[]): Look[] {
  const measured = lines.filter(({ isReference }) => !isReference).length;
  const inPairs = measured > 1 && lines.length === 2 * measured;
  let seen = 0;
  let referencesSeen = 0;
  return lines.map(({ label, isReference }) => {
    if (isReference) return { colour: inPairs ? seriesColour(referencesSeen++) : REFERENCE_COLOUR, isDashed: true };
    return { colour: STATE_COLOURS[lastWord(label)] ?? seriesColour(seen++), isDashed: false };
  });
}

/** A dimension's value stands at the end of a label. */
function lastWord(label: string): string {
  return label.slice(label.lastIndexOf(' ') + 1);
}
