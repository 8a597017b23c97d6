import { type Html, html } from '../../core/html.ts';
import type { Accuracy } from '../accuracy.ts';
import type { Report } from '../report.ts';
import { cut, share, whole } from './numbers.ts';
import { wide } from './wide.ts';

/** A matrix of more classes fits no page. */
const CLASSES_IN_MATRIX = 12;
const CLASSES_LISTED = 60;
const NAME_LETTERS = 40;
const OTHERS = 'all others';

/** How often the predictions were right, where the files said what is true. */
export function accuracySection({ accuracy, n, parts, partsRead }: Report): Html {
  if (accuracy === null)
    return html`<section><h2>Accuracy</h2><p class="note">No file of this day said what is true, so nobody can tell how many predictions were right.</p></section>`;
  const [low, high] = accuracy.interval;
  const { mostCommonTruth } = accuracy;
  return html`
<section>
<h2>Accuracy</h2>
<p><b>${share(accuracy.share)}</b> of ${whole(accuracy.n)} predictions with a known truth were right (95\u00a0% interval: ${share(low)} to ${share(high)}). Naming ${cut(mostCommonTruth.name, NAME_LETTERS)} every time would be right in ${share(mostCommonTruth.share)}.</p>
${accuracy.n < n && partsRead === parts && html`<p class="note">Of the other ${whole(n - accuracy.n)} predictions, the truth is not known.</p>`}
${partsRead < parts && html`<p class="note">Read from ${whole(partsRead)} of the day's ${whole(parts)} files of predictions.</p>`}
${matrix(accuracy)}
${classTable(accuracy)}
</section>`;
}

function matrix({ classes, confusion }: Accuracy): Html {
  const common = classes
    .filter(({ truth, predicted }) => truth + predicted > 0)
    .toSorted((a, b) => b.truth + b.predicted - a.truth - a.predicted);
  const own = new Set(common.slice(0, CLASSES_IN_MATRIX).map(({ name }) => name));
  const names = classes.map(({ name }) => name).filter((name) => own.has(name));
  if (common.length > CLASSES_IN_MATRIX) names.push(OTHERS);
  const counts = new Map<string, number>();
  for (const { truth, predicted, count } of confusion) {
    const cell = `${own.has(truth) ? truth : OTHERS}\n${own.has(predicted) ? predicted : OTHERS}`;
    counts.set(cell, (counts.get(cell) ?? 0) + count);
  }
  const countOf = (truth: string, predicted: string) => counts.get(`${truth}\n${predicted}`) ?? 0;
  return wide(
    'Confusion matrix',
    html`<table class="matrix">
<caption>Confusion matrix: true classes in rows, predicted ones in columns; the deeper the colour, the larger the share of its row</caption>
<thead><tr><th scope="col">True class</th>${names.map((name) => html`<th scope="col" class="number">${cut(name, NAME_LETTERS)}</th>`)}<th scope="col" class="number">All</th></tr></thead>
<tbody>${names.map((truth) => {
      const all = names.reduce((sum, predicted) => sum + countOf(truth, predicted), 0);
      return html`<tr><th scope="row">${cut(truth, NAME_LETTERS)}</th>${names.map((predicted) => {
        const count = countOf(truth, predicted);
        const heat = all === 0 ? 0 : Number((count / all).toFixed(3));
        return html`<td class="number heat ${truth === predicted ? 'right' : 'wrong'}" style="--heat:${heat}">${whole(count)}</td>`;
      })}<td class="number">${whole(all)}</td></tr>`;
    })}</tbody>
</table>`,
  );
}

function classTable({ classes }: Accuracy): Html {
  const listed = classes.filter(({ truth, predicted }) => truth + predicted > 0).slice(0, CLASSES_LISTED);
  return wide(
    'Recall and precision',
    html`<table>
<caption>For each class, how many of its chips were found (recall), and how many of its predictions were right (precision)</caption>
<thead><tr><th scope="col">Class</th><th scope="col" class="number">True</th><th scope="col" class="number">Predicted</th><th scope="col" class="number">Both</th><th scope="col" class="number">Recall</th><th scope="col" class="number">Precision</th></tr></thead>
<tbody>${listed.map(
      (one) =>
        html`<tr><th scope="row">${cut(one.name, NAME_LETTERS)}</th><td class="number">${whole(one.truth)}</td><td class="number">${whole(one.predicted)}</td><td class="number">${whole(one.correct)}</td><td class="number">${share(one.recall)}</td><td class="number">${share(one.precision)}</td></tr>`,
    )}</tbody>
</table>`,
  );
}
