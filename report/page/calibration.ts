import { estimateChart, estimateMeaning } from '../../charts/estimate.ts';
import { counted, distance } from '../../charts/format.ts';
import { binTexts, reliabilityChart, reliabilityMeaning } from '../../charts/reliability.ts';
import { type Html, html } from '../../core/base/text/html.ts';
import { percent } from '../../core/base/text/numbers.ts';
import type { Calibration } from '../../core/statistics/calibration/calibration.ts';
import type { AccuracyEstimate } from '../../core/statistics/calibration/estimateAccuracy.ts';
import { DAYS_SHOWN, type Report } from '../report.ts';
import { CANVAS, drawing, headOf, NEWEST_FIRST, nameCell, numberCells, table, wide } from './parts.ts';

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
