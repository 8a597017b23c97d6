import { percent, precise } from '../../base/text/numbers.ts';
import { type MeanOfScenes, marginOfScenes } from '../../statistics/meanOfScenes.ts';
import type { Figure } from '../../tasks/shown.ts';
import { shownOf } from '../../tasks/shownRegistry.ts';
import type { ComparedRuns } from './compareRuns.ts';
import type { Pair, VersionComparison } from './compareVersions.ts';
import { type ErrorsOfBoth, mostWorse } from './errorDifference.ts';

/** A comparison in words: for a terminal, a report and the console. */

/** Below this p-value, chance is ruled out as the cause. */
const SURE = 0.05;

export type Line = { name: string; value: string; note?: string };

export function numbersOf(told: ComparedRuns): Line[] {
  const { difference, accuracy, rightByOne, errors, milliseconds, memory, alone } = told;
  const lines = difference!.figures.map(({ name, note, ...figure }): Line => {
    const value = figureText(figure);
    return note === undefined ? { name, value } : { name, value, note };
  });
  if (accuracy !== null)
    for (const which of ['first', 'second'] as const) {
      const { figure, sentence: value, calibration } = accuracy[which];
      lines.push({ name: `${figure.name}, ${which}`, value });
      const note = '0 where probabilities hold';
      if (calibration) lines.push({ name: `Calibration error, ${which}`, value: precise(calibration.error), note });
    }
  if (rightByOne !== null) lines.push({ name: "McNemar's test", ...testText(rightByOne) });
  if (rightByOne?.byScenes) lines.push(scenesLine(rightByOne.byScenes));
  if (errors !== null) {
    const what = told.first.task.truthLater?.isOfPixels ? 'share of wrong pixels, by chips,' : 'mean absolute error';
    lines.push({ name: 'Difference of the errors', ...errorsText(errors, what) });
  }
  const { first, second } = milliseconds;
  if (first !== null && second !== null)
    lines.push({ name: 'Inferring a chip', value: ofBoth(`${precise(first)} ms`, `${precise(second)} ms`) });
  lines.push({ name: 'Peak memory', ...memoryText(memory) });
  const ofOne = alone.first + alone.second;
  if (ofOne > 0) lines.push({ name: 'Predicted by one alone', value: counted(ofOne, 'chip') });
  return lines;
}

function testText({ first, second, p }: NonNullable<VersionComparison['rightByOne']>): Omit<Line, 'name'> {
  const only = [first, second].map((count) => count.toLocaleString('en'));
  return {
    value: `p ${p < 0.0001 ? '< 0.0001' : `= ${precise(p)}`}: ${p < SURE ? `the ${first > second ? 'first' : 'second'} is right more often` : NO_DIFFERENCE}`,
    note: `right by one alone: ${only[0]} of the first, ${only[1]} of the second`,
  };
}

/** McNemar's test takes chips for independent, which those of a scene are not. */
function scenesLine(byScenes: MeanOfScenes): Line {
  const { mean, scenes } = byScenes;
  const interval = intervalText(100 * mean, 100 * marginOfScenes(byScenes, 0.975));
  const note = `the second's accuracy less the first's, over ${counted(Math.round(scenes), 'scene')} whose chips are alike`;
  return { name: 'Difference by scenes', value: `${precise(100 * mean)} percentage points (${interval})`, note };
}

function intervalText(middle: number, half: number): string {
  if (!Number.isFinite(half)) return 'a single scene does not show how scenes differ';
  return `95\u00a0% interval: ${precise(middle - half)} to ${precise(middle + half)}`;
}

function memoryText(memory: ComparedRuns['memory']): Omit<Line, 'name'> {
  if (memory === null) return { value: '–', note: 'measured where both packages run: "swath model diff" with --data' };
  const { first, second } = memory;
  const [one, other] = [first, second].map(({ bytes }) => `${precise(bytes / 1e6)} MB`) as [string, string];
  const andOf = first.chips === second.chips ? '' : ` and of ${counted(second.chips, 'chip')}`;
  const note = `to load the model and infer a batch of ${counted(first.chips, 'chip')}${andOf}, above what the process held before`;
  return { value: ofBoth(one, other), note };
}

const ofBoth = (first: string, second: string): string => `${first} by the first, ${second} by the second`;

/** Shows the two-sided 95 % interval, whose ends are the one-sided limits at 97.5 %. */
function errorsText(errors: ErrorsOfBoth, what: string): Omit<Line, 'name'> {
  const { chips, difference } = errors;
  const high = mostWorse(errors, 0.975);
  const note = `${what} of the second less the first's, over ${counted(chips, 'chip')}`;
  if (high === null) return { value: precise(difference), note };
  const low = 2 * difference - high;
  const who = low > 0 ? 'the second is off by more' : high < 0 ? 'the first is off by more' : NO_DIFFERENCE;
  return { value: `${precise(difference)} (${intervalText(difference, high - difference)}): ${who}`, note };
}

const NO_DIFFERENCE = 'no difference that chance does not explain';

export const truthOf = ({ first, second }: Pair, { first: one, second: other }: ComparedRuns): string | null =>
  (Number.isNaN(first.truth) ? null : shownOf(one).told(first, one).truth) ?? shownOf(other).told(second, other).truth;

function figureText({ value, unit }: Pick<Figure, 'value' | 'unit'>): string {
  if (value === null) return '–';
  return unit === 'share' ? percent(value) : precise(value);
}

export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
