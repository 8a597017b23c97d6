import { modelId } from '../../core/base/run.ts';
import { percent } from '../../core/base/text/percent.ts';
import { precise } from '../../core/base/text/precise.ts';
import type { ModelPackage } from '../../core/package/package.ts';
import type { ComparedRuns } from '../../core/releases/comparison/compareRuns.ts';
import { counted, numbersOf, truthOf } from '../../core/releases/comparison/numbers.ts';
import type { DifferenceSummary } from '../../core/tasks/difference.ts';
import { bold, dim, pairs, printable, table } from '../terminal/text.ts';

const TOLD = 10;

export function toJson({ first, second, changed, ...told }: ComparedRuns) {
  const nameOf = ({ name, version, task }: ModelPackage) => ({ name, version, task: task.name });
  return {
    first: nameOf(first),
    second: nameOf(second),
    ...told,
    changed: changed.map((pair) => ({
      scene: pair.first.scene.key,
      index: pair.first.index,
      member: pair.first.member,
      truth: pair.first.truth ?? pair.second.truth,
      first: { run: pair.first.run, predicted: pair.first.text, probability: pair.first.probability },
      second: { run: pair.second.run, predicted: pair.second.text, probability: pair.second.probability },
    })),
  };
}

export function inWords(told: ComparedRuns): string {
  const { first, second, files, chips, difference, changed } = told;
  const names = [first, second].map((model) => bold(printable(modelId(model))));
  const alone = [files.firstOnly, files.secondOnly].map((count) => count.toLocaleString('en'));
  const head = `First ${names[0]}, second ${names[1]}: ${counted(chips, 'chip')} of ${counted(files.both, 'file')} that both have classified (${alone[0]} by the first alone, ${alone[1]} by the second).`;
  if (difference === null)
    return `${head}\nThere is nothing to compare. Let both classify the same files with --data, or look further back with --since.`;
  const lines = numbersOf(told).map(({ name, value, note }): [string, string] => [
    name,
    printable(value) + (note === undefined ? '' : `  ${dim(`(${note})`)}`),
  ]);
  const tables = [
    difference.names && sharesTable(difference),
    difference.changes?.length ? changesTable(difference) : undefined,
    changed.length > 0 ? changedTable(told) : undefined,
  ];
  return [`${head}\n\n${pairs(lines)}`, ...tables.filter((one) => one !== undefined)].join('\n\n');
}

function sharesTable({ names = [], counted: { n } }: DifferenceSummary): string {
  const hasOverlap = names.some(({ iou }) => iou !== undefined);
  const rows = names.map(({ name, first, second, iou }) => {
    const change = `${second < first ? '−' : '+'}${percent(Math.abs(second - first) / n)}`;
    const overlap = hasOverlap ? [iou == null ? '–' : precise(iou)] : [];
    return [printable(name), percent(first / n), percent(second / n), change, ...overlap];
  });
  return table(['share of', 'first', 'second', 'change', ...(hasOverlap ? ['IoU'] : [])], rows, 'lrrrr');
}

function changesTable({ changes = [], counted: { of } }: DifferenceSummary): string {
  const rows = changes
    .slice(0, TOLD)
    .map(({ first, second, count }) => [printable(first), printable(second), count.toLocaleString('en')]);
  return table(['first says', 'second says', `${of}s`], rows, 'llr');
}

function changedTable(told: ComparedRuns): string {
  const rows = told.changed
    .slice(0, TOLD)
    .map((pair) => [
      printable(pair.first.scene.key),
      String(pair.first.index),
      ...[said(pair.first), said(pair.second), truthOf(pair, told) ?? '–'].map(printable),
    ]);
  return table(['differs most in', 'chip', 'first', 'second', 'truth'], rows, 'lr');
}

const said = ({ text, probability }: { text: string | null; probability: number | null }): string =>
  printable(`${text}${probability === null ? '' : ` ${probability.toFixed(3)}`}`);
