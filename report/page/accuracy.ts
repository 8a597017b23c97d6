import { count, orNone } from '../../charts/format.ts';
import type { Accuracy, NameAccuracy } from '../../core/tasks/shown.ts';
import { type Html, html } from '../../core/text/html.ts';
import { percent } from '../../core/text/percent.ts';
import { precise } from '../../core/text/precise.ts';
import type { Report } from '../report.ts';
import { cut, headOf, nameCell, numberCells, table, wide } from './parts.ts';

/** A matrix of more classes fits no page. */
const CLASSES_IN_MATRIX = 12;
const CLASSES_LISTED = 60;
const NAME_LETTERS = 40;
const OTHERS = 'all others';

/** How often the predictions were right, where the files said what is true. */
export function accuracySection({ accuracy, n, parts, partsRead }: Report): Html {
  if (accuracy === null)
    return html`<section><h2>Accuracy</h2><p class="note">No file of this day contains ground truth, so the accuracy is unknown.</p></section>`;
  return html`
<section>
<h2>Accuracy</h2>
<p>${accuracy.sentence}</p>
${accuracy.n < n && partsRead === parts && html`<p class="note">Of the other ${count(n - accuracy.n)} predictions, the truth is not known.</p>`}
${partsRead < parts && html`<p class="note">Read from ${count(partsRead)} of the day's ${count(parts)} files of predictions.</p>`}
${accuracy.confusion && matrix(accuracy)}
${accuracy.classes && classTable(accuracy.classes)}
</section>`;
}

function matrix({ classes = [], confusion = [] }: Accuracy): Html {
  const common = classes
    .filter(({ truth, predicted }) => truth + predicted > 0)
    .toSorted((a, b) => b.truth + b.predicted - a.truth - a.predicted);
  const own = new Set(common.slice(0, CLASSES_IN_MATRIX).map(({ name }) => name));
  const names = classes.map(({ name }) => name).filter((name) => own.has(name));
  if (common.length > CLASSES_IN_MATRIX) names.push(OTHERS);
  const counts = new Map<string, number>();
  for (const { truth, predicted, count: n } of confusion) {
    const cell = `${own.has(truth) ? truth : OTHERS}\n${own.has(predicted) ? predicted : OTHERS}`;
    counts.set(cell, (counts.get(cell) ?? 0) + n);
  }
  const countOf = (truth: string, predicted: string) => counts.get(`${truth}\n${predicted}`) ?? 0;
  const rows = names.map((truth) => {
    const all = names.reduce((sum, predicted) => sum + countOf(truth, predicted), 0);
    const cells = names.map((predicted) => {
      const n = countOf(truth, predicted);
      const heat = all === 0 ? 0 : Number((n / all).toFixed(3));
      return html`<td class="number heat ${truth === predicted ? 'right' : 'wrong'}" style="--heat:${heat}">${count(n)}</td>`;
    });
    return html`<tr>${nameCell(cut(truth, NAME_LETTERS))}${cells}${numberCells(count(all))}</tr>`;
  });
  const caption =
    'Confusion matrix: true classes in rows, predicted ones in columns; the deeper the colour, the larger the share of its row';
  const head = headOf(['True class'], [...names.map((name) => cut(name, NAME_LETTERS)), 'All']);
  return wide('Confusion matrix', table(caption, head, rows, 'matrix'));
}

/** Figures that only some tasks have. */
const MORE = [
  ['f1', 'F1'],
  ['iou', 'IoU'],
] as const;

function classTable(classes: readonly NameAccuracy[]): Html {
  const more = MORE.filter(([name]) => classes.some((one) => name in one));
  const listed = classes.filter(({ truth, predicted }) => truth + predicted > 0).slice(0, CLASSES_LISTED);
  const rows = listed.map(({ name, truth, predicted, correct, recall, precision, ...others }) => {
    const counts = [truth, predicted, correct].map(count);
    const shares = [recall, precision].map((share) => orNone(share, percent));
    const figures = more.map(([of]) => orNone(others[of] ?? null, precise));
    return html`<tr>${nameCell(cut(name, NAME_LETTERS))}${numberCells(...counts, ...shares, ...figures)}</tr>`;
  });
  const caption =
    'For each class, how many of its chips were found (recall), and how many of its predictions were right (precision)';
  const head = headOf(['Class'], ['True', 'Predicted', 'Both', 'Recall', 'Precision', ...more.map(([, head]) => head)]);
  return wide('Recall and precision', table(caption, head, rows));
}
