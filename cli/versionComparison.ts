import type { Pair, VersionComparison } from '../core/comparison/compareVersions.ts';
import type { ModelPackage } from '../core/models/package.ts';
import { percent } from '../core/percent.ts';
import { precise } from '../core/precise.ts';
import { modelId } from '../core/run.ts';
import type { Accuracy, Figure } from '../core/tasks/shown.ts';
import { shownOf } from '../core/tasks/shownRegistry.ts';
import { bold, dim, pairs, printable, table } from './text.ts';

/** So many rows of a table are told. */
const TOLD = 10;

/** What is told of two versions, beside how their predictions differ. */
export type Told = VersionComparison & {
  first: ModelPackage;
  second: ModelPackage;
  /** Files whose content both have classified, and those of which just one of them has. */
  files: { both: number; firstOnly: number; secondOnly: number };
  /** Milliseconds that inferring a chip took, reading and writing included; null where no run has an execution of its own. */
  milliseconds: { first: number | null; second: number | null };
};

export function toJson({ first, second, changed, ...told }: Told) {
  const nameOf = ({ name, version, task }: ModelPackage) => ({ name, version, task });
  return {
    ...{ first: nameOf(first), second: nameOf(second) },
    ...told,
    changed: changed.map((pair) => ({
      ...{ scene: pair.first.scene.key, index: pair.first.index, member: pair.first.member },
      truth: pair.first.truth ?? pair.second.truth,
      first: { run: pair.first.run, predicted: pair.first.text, probability: pair.first.probability },
      second: { run: pair.second.run, predicted: pair.second.text, probability: pair.second.probability },
    })),
  };
}

/** What is told in a terminal. */
export function inWords(told: Told): string {
  const { first, second, files, chips, difference, changed } = told;
  const names = [first, second].map((model) => bold(printable(modelId(model))));
  const alone = [files.firstOnly, files.secondOnly].map((count) => count.toLocaleString('en'));
  const head = `First ${names[0]}, second ${names[1]}: ${counted(chips, 'chip')} of ${counted(files.both, 'file')} that both have classified (${alone[0]} by the first alone, ${alone[1]} by the second).`;
  if (difference === null)
    return `${head}\nThere is nothing to compare. Have both classify the same files, with --data, or look further back, with --since.`;
  const lines = numbersOf(told).map(({ name, value, note }): [string, string] => [
    name,
    printable(value) + (note === undefined ? '' : `  ${dim(`(${note})`)}`),
  ]);
  const tables = [
    difference.names && sharesTable(difference.names, chips),
    difference.changes?.length ? changesTable(difference.changes) : undefined,
    changed.length > 0 ? changedTable(told) : undefined,
  ];
  return [`${head}\n\n${pairs(lines)}`, ...tables.filter((one) => one !== undefined)].join('\n\n');
}

function sharesTable(names: { name: string; first: number; second: number }[], chips: number): string {
  const rows = names.map(({ name, first, second }) => {
    const change = `${second < first ? '−' : '+'}${percent(Math.abs(second - first) / chips)}`;
    return [printable(name), percent(first / chips), percent(second / chips), change];
  });
  return table(['share of', 'first', 'second', 'change'], rows, ['left', 'right', 'right', 'right']);
}

function changesTable(changes: { first: string; second: string; count: number }[]): string {
  const rows = changes
    .slice(0, TOLD)
    .map(({ first, second, count }) => [printable(first), printable(second), count.toLocaleString('en')]);
  return table(['first says', 'second says', 'chips'], rows, ['left', 'left', 'right']);
}

function changedTable(told: Told): string {
  const rows = told.changed
    .slice(0, TOLD)
    .map((pair) => [
      ...[printable(pair.first.scene.key), String(pair.first.index)],
      ...[said(pair.first), said(pair.second), truthOf(pair, told) ?? '–'].map(printable),
    ]);
  return table(['differs most in', 'chip', 'first', 'second', 'truth'], rows, ['left', 'right']);
}

/** With a p-value below it, chance is not taken for the cause. */
const SURE = 0.05;

export type Line = { name: string; value: string; note?: string };

/** Each number with its name. */
export function numbersOf(told: Told): Line[] {
  const { difference, accuracy, rightByOne, milliseconds, missing } = told;
  const lines = difference!.figures.map(({ name, note, ...figure }): Line => {
    const value = figureText(figure);
    return note === undefined ? { name, value } : { name, value, note };
  });
  if (accuracy !== null)
    for (const which of ['first', 'second'] as const)
      lines.push(
        { name: `${accuracy[which].figure.name}, ${which}`, value: accuracy[which].sentence },
        ...calibrationLine(accuracy[which], which),
      );
  if (rightByOne !== null) lines.push({ name: "McNemar's test", ...testText(rightByOne) });
  const { first, second } = milliseconds;
  if (first !== null && second !== null)
    lines.push({
      name: 'Inferring a chip',
      value: `${precise(first)} ms by the first, ${precise(second)} ms by the second`,
    });
  if (missing > 0) lines.push({ name: 'Without a prediction', value: `${counted(missing, 'chip')}, by one or both` });
  return lines;
}

function calibrationLine({ calibration }: Accuracy, which: string): Line[] {
  return calibration === undefined
    ? []
    : [{ name: `Calibration error, ${which}`, value: precise(calibration.error), note: '0 where probabilities hold' }];
}

function testText({ first, second, p }: NonNullable<VersionComparison['rightByOne']>): Omit<Line, 'name'> {
  const only = [first, second].map((count) => count.toLocaleString('en'));
  return {
    value: `p = ${precise(p)}: ${p < SURE ? `the ${first > second ? 'first' : 'second'} is right more often` : 'no difference that chance does not explain'}`,
    note: `right by one alone: ${only[0]} of the first, ${only[1]} of the second`,
  };
}

/** What is true of a chip, in words. */
export function truthOf({ first, second }: Pair, { first: model }: Told): string | null {
  return shownOf(model).told({ value: first.value, truth: first.truth ?? second.truth }, model).truth;
}

export function said({ text, probability }: { text: string | null; probability: number | null }): string {
  return printable(`${text}${probability === null ? '' : ` ${probability.toFixed(3)}`}`);
}

function figureText({ value, unit }: Pick<Figure, 'value' | 'unit'>): string {
  if (value === null) return '–';
  return unit === 'share' ? percent(value) : precise(value);
}

export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
