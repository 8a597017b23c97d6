import { estimateChart, estimateMeaning } from '../../charts/estimate.ts';
import { count, counted, cut, distance, orNone } from '../../charts/format.ts';
import { binTexts, reliabilityChart, reliabilityMeaning } from '../../charts/reliability.ts';
import { type Html, html } from '../../core/base/text/html.ts';
import { percent, precise } from '../../core/base/text/numbers.ts';
import type { Calibration } from '../../core/statistics/calibration/calibration.ts';
import type { AccuracyEstimate } from '../../core/statistics/calibration/estimateAccuracy.ts';
import { commonClasses, confusionMatrix, figuresOfClasses, mixedMeaning } from '../../core/tasks/confusionMatrix.ts';
import type { Accuracy, NameAccuracy } from '../../core/tasks/shown.ts';
import { DAYS_SHOWN, type Report } from '../report.ts';
import { CANVAS, drawing, headOf, NAME_LETTERS, NEWEST_FIRST, nameCell, numberCells, table, wide } from './parts.ts';

export function accuracySection({ accuracy, n, parts, partsRead }: Report): Html {
  if (accuracy === null)
    return html`<section><h2>Accuracy</h2><p class="note">No file of this day contains ground truth, so the accuracy is unknown.</p></section>`;
  return html`
<section>
<h2>Accuracy</h2>
<p>${accuracy.sentence}</p>
${accuracy.n < n && partsRead === parts && html`<p class="note">Of ${counted(n - accuracy.n, 'other prediction')}, the truth is not known.</p>`}
${partsRead < parts && html`<p class="note">Read from ${count(partsRead)} of the day's ${counted(parts, 'file')} of predictions.</p>`}
${accuracy.confusion && matrix(accuracy)}
${accuracy.classes && classTable(accuracy.classes)}
</section>`;
}

function matrix(accuracy: Accuracy): Html {
  const { names, counts, single } = confusionMatrix(accuracy);
  const rows = counts.map((row, i) => {
    const all = row.reduce((sum, n) => sum + n, 0);
    const cells = row.map((n, j) => {
      const heat = all === 0 ? 0 : Number((n / all).toFixed(3));
      const look = i !== j ? 'heat wrong' : i < single ? 'heat right' : 'mixed';
      return html`<td class="number ${look}" style="--heat:${heat}">${count(n)}</td>`;
    });
    return html`<tr>${nameCell(cut(names[i]!, NAME_LETTERS))}${cells}${numberCells(count(all))}</tr>`;
  });
  const caption =
    'Confusion matrix: true classes in rows, predicted ones in columns; the deeper the colour, the larger the share of its row';
  const head = headOf(['True class'], [...names.map((name) => cut(name, NAME_LETTERS)), 'All']);
  return html`${wide('Confusion matrix', table(caption, head, rows, 'matrix'))}
${single < names.length && html`<p class="note">${mixedMeaning}</p>`}`;
}

function classTable(classes: readonly NameAccuracy[]): Html {
  const more = figuresOfClasses(classes);
  const rows = commonClasses(classes).map(({ name, truth, predicted, correct, recall, precision, ...others }) => {
    const counts = [truth, predicted, correct].map(count);
    const shares = [recall, precision].map((share) => orNone(share, percent));
    const figures = more.map(([of]) => orNone(others[of] ?? null, precise));
    return html`<tr>${nameCell(cut(name, NAME_LETTERS))}${numberCells(...counts, ...shares, ...figures)}</tr>`;
  });
  const caption =
    'For each class, how much of it was found (recall), and how much of what was predicted as it was right (precision)';
  const head = headOf(['Class'], ['True', 'Predicted', 'Both', 'Recall', 'Precision', ...more.map(([, head]) => head)]);
  return wide('Recall and precision', table(caption, head, rows));
}

/** What is told without truth, and how far probabilities can be believed; nothing where neither is known. */
export function calibrationSection({ estimate, accuracy, days }: Report): Html | false {
  const calibration = accuracy?.calibration;
  if (estimate === undefined && calibration === undefined) return false;
  return html`
<section>
<h2>Probabilities and accuracy</h2>
${estimate && estimated(estimate, days)}
${calibration && reliability(calibration)}
</section>`;
}

function estimated({ value, interval }: AccuracyEstimate, days: Report['days']): Html {
  const shown = days.map(({ day, estimate = null, realised = null }) => ({ day, estimate, realised }));
  const [low, high] = interval.map(percent);
  return html`<p>By its probabilities, the model is right for ${percent(value)} of this day's predictions (${low} to ${high}).</p>
<figure class="together">${wide(`Estimated accuracy over the last ${DAYS_SHOWN} days`, drawing(estimateChart(shown, CANVAS)), NEWEST_FIRST)}
<figcaption>${estimateMeaning}</figcaption></figure>`;
}

function reliability(calibration: Calibration): Html {
  const { chips, error, bins } = calibration;
  const rows = bins
    .map(binTexts)
    .map(([bin, ...numbers]) => html`<tr>${nameCell(bin!)}${numberCells(...numbers)}</tr>`);
  const caption = 'The same in numbers: each bin of probabilities that has chips';
  return html`<p>The calibration error is ${distance(error)} over ${counted(chips, 'chip')} whose truth is known.</p>
<figure class="together">${wide('Reliability diagram', drawing(reliabilityChart(calibration, CANVAS)))}
<figcaption>${reliabilityMeaning}</figcaption></figure>
${wide('Table of reliability', table(caption, headOf(['Probability'], ['Chips', 'Mean probability', 'Right']), rows))}`;
}
