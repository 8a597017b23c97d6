import * as Plot from '@observablehq/plot';
import { dayChart } from './dayChart.ts';
import { counted, distance, seriesColour, THRESHOLD_COLOUR } from './format.ts';
import { baseLine, type Drawing, type Place } from './plot.ts';

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
