import * as Plot from '@observablehq/plot';
import type { ClassArea } from '../core/drift/areas.ts';
import { counted, distance, hectares, seriesColour, THRESHOLD_COLOUR } from './format.ts';
import { type PairedBar, pairedBars } from './pairedBars.ts';
import { baseLine, type Drawing, dayChart, type Place } from './plot.ts';

/** `time` is a day, or ISO 8601. */
export type DatedScene = { file: string; time: string; drift: number; isDrifting: boolean };

/** Draws each scene's drift over time: that of its acquisition, or that of its arrival. */
export function scenesChart(scenes: readonly DatedScene[], place: Place = {}): Drawing {
  const days = scenes.map(({ time }) => ({ day: time.slice(0, 10) })).sort((a, b) => a.day.localeCompare(b.day));
  const colourOf = ({ isDrifting }: DatedScene) => (isDrifting ? THRESHOLD_COLOUR : seriesColour(0));
  const told = ({ file, time, drift }: DatedScene) => `${file}, ${time.slice(0, 10)}: ${distance(drift)}`;
  return dayChart(place, {
    days,
    ariaLabel: `Drift of ${counted(scenes.length, 'scene')}, from ${days[0]?.day} to ${days.at(-1)?.day}`,
    y: { domain: [0, Math.max(0.4, ...scenes.map(({ drift }) => drift * 1.1))] },
    tickFormat: '.2~f',
    marks: [
      baseLine(),
      Plot.dot(scenes, { x: ({ time }: DatedScene) => new Date(time), y: 'drift', r: 3, fill: colourOf, title: told }),
    ],
  });
}

export const areasMeaning = ({ known }: { known: number }): string =>
  known === 0
    ? 'The land of each class as mapped, which is biased where the model confuses classes. Truths of chips correct it.'
    : 'The land of each class, corrected for what the model confuses, with its 95\u00a0% interval, beside that of the map, in grey.';

/** Draws the land of each class, the largest first: as corrected, with its interval, above that of the map, or that of the map alone. */
export function areasChart(all: readonly ClassArea[], place: Place = {}): Drawing {
  const classes = all.toSorted((a, b) => sizeOf(b) - sizeOf(a)).slice(0, 16); // of more, the largest
  const asMapped = (words: string) =>
    classes.map(({ name, mapped }): PairedBar => ({ name, value: mapped, text: `${hectares(mapped)} ha${words}` }));
  const corrected = classes.flatMap(({ name, corrected: of }): PairedBar[] =>
    of === null ? [] : [{ name, value: of.area, interval: of.interval, text: `${hectares(of.area)} ha` }],
  );
  const [first, second] = corrected.length === 0 ? [asMapped(''), []] : [corrected, asMapped(' mapped')];
  const told = classes.map(({ name, mapped, corrected }) => {
    if (corrected === null) return `${name} ${hectares(mapped)} hectares`;
    return `${name} ${hectares(corrected.area)} hectares (${corrected.interval.map(hectares).join(' to ')}), mapped ${hectares(mapped)}`;
  });
  return pairedBars({ ariaLabel: `Land of each class: ${told.join('; ')}`, first, second }, place);
}

const sizeOf = ({ mapped, corrected }: ClassArea): number => corrected?.area ?? mapped;
