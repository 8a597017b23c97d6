import { SERIES_COLOURS } from '../core/tasks/seriesColours.ts';
import type { ChartPanel } from '../observability/panel.ts';
import { QUIET_COLOUR, REFERENCE_COLOUR, seriesColour, THRESHOLD_COLOUR } from './format.ts';

/** How a line is told from the others, in a chart and in its legend. */
export type Look = {
  colour: string;
  /** As CSS has it: a reference is dashed; a line is dotted from where the colours begin anew, as shades are not for every eye. */
  dash: 'none' | '4 3' | '2 2';
  /** The place of the line that is this one's reference, where each of several lines has one. */
  reference: number | null;
};

/** What went wrong stands out wherever runs are counted by their end state. */
const STATE_COLOURS = new Map([
  ['DONE', seriesColour(0)],
  ['EMPTY', REFERENCE_COLOUR],
  ['DUPLICATE', QUIET_COLOUR],
  ['INVALID', seriesColour(1)],
  ['FAILED', THRESHOLD_COLOUR],
]);

type Lines = { panel: Pick<ChartPanel, 'series'>; lines: readonly { label: string; isReference: boolean }[] };

/**
 * The looks of a panel's lines, in their order. References are dashed: grey, or, where each of several lines has one (a
 * class's share and its reference), in the colour of theirs. Both come in one order then, that of a dimension's values.
 */
export function looksOf({ panel: { series }, lines }: Lines): Look[] {
  const areStates = series.some(({ each }) => each === 'State');
  const places = lines.map((_, i) => i);
  const measured = places.filter((i) => !lines[i]!.isReference);
  const references = places.filter((i) => lines[i]!.isReference);
  const inPairs = measured.length > 1 && measured.length === references.length;
  return lines.map(({ label, isReference }, i) => {
    if (isReference) {
      const colour = inPairs ? seriesColour(references.indexOf(i)) : REFERENCE_COLOUR;
      return { colour, dash: '4 3', reference: null };
    }
    const place = measured.indexOf(i);
    const state = areStates ? label.slice(label.lastIndexOf(' ') + 1) : ''; // a class may have the name of one
    const colour = STATE_COLOURS.get(state) ?? seriesColour(place);
    const dash = place < SERIES_COLOURS.length ? 'none' : '2 2';
    return { colour, dash, reference: inPairs ? references[place]! : null };
  });
}
