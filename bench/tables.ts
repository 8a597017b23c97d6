import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Beside, Figure, Spread } from './figure.ts';
import { machineLine } from './machine.ts';
import type { Run, SuiteResult } from './suite.ts';

type Row = [what: string, measured: string, beside: string, ratio: string, goal: string];
const HEADER: Row = ['', 'median (least – most)', 'beside', 'ratio to it', 'goal'];

/** A suite's figures as a table in Markdown. */
export function asMarkdown({ title, figures, notes }: SuiteResult): string {
  const line = (row: readonly string[]) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = '| --- | --- | --- | --- | --- |';
  const table = [line(HEADER), rule, ...figures.flatMap(rowsOf).map(line)];
  return [`### ${title}`, '', ...table, ...notes.flatMap((note) => ['', note]), ''].join('\n');
}

const DOCUMENT = fileURLToPath(new URL('../docs/performance.md', import.meta.url));

/** Puts the table of a suite that ran into docs/performance.md, in the place of the former one. */
export function writeTable(suite: SuiteResult, run: Run): void {
  writeFileSync(DOCUMENT, withTable(readFileSync(DOCUMENT, 'utf8'), suite, run));
}

/** Each suite has a place of its own, so that one can be measured anew without the others. */
export function withTable(text: string, suite: SuiteResult, { machine, measuredAt }: Run): string {
  const begin = `<!-- bench: written by \`npm run bench -- --suite ${suite.suite} --write\` -->`;
  const end = `<!-- /bench: ${suite.suite} -->`;
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined)
    throw new Error(`docs/performance.md has no place between ${begin} and ${end}.`);
  const when = `Measured ${measuredAt.slice(0, 10)} in ${suite.seconds} s on ${machineLine(machine)}.`;
  return `${before}${begin}\n${asMarkdown(suite)}\n${when}\n${end}${after}`;
}

/** A line for the figure and what it is first held against, and one for each of the others. */
function rowsOf(figure: Figure): Row[] {
  const { name, unit, measured, beside, goal } = figure;
  const reached = goal === undefined ? '' : `${goal.text}: ${goal.isReached ? 'reached' : 'NOT REACHED'}`;
  const [first, ...others] = beside.map((one) => besideCells(one, unit));
  return [
    [name, withUnit(measured, unit), ...(first ?? (['', ''] as const)), reached],
    ...others.map((cells): Row => ['', '', ...cells, '']),
  ];
}

function besideCells({ name, measured, ratio }: Beside, unit: string): readonly [string, string] {
  return [`${name}: ${withUnit(measured, unit)}`, spreadText(ratio)];
}

/** What was measured, with its unit: `6,412 (6,380 – 6,440) chips/s`. */
function withUnit(measured: Spread, unit: string): string {
  return unit === '$' ? `$${spreadText(measured)}` : `${spreadText(measured)} ${unit}`;
}

/** `6,412 (6,380 – 6,440)`; of one round, the number alone. */
export function spreadText({ median, least, most, rounds }: Spread): string {
  if (rounds === 1) return Number.isInteger(median) ? median.toLocaleString('en-US') : numberText(median, median);
  return `${numberText(median, median)} (${numberText(least, median)} – ${numberText(most, median)})`;
}

/** With as many digits as `scale` deserves: three that count, and none behind the point of a large number. */
export function numberText(value: number, scale: number): string {
  const size = Math.abs(scale);
  const digits = size === 0 ? 0 : Math.max(0, Math.min(6, 2 - Math.floor(Math.log10(size))));
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
