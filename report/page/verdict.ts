import { count, counted, distance, figureText, NONE, orNone } from '../../charts/format.ts';
import { type Html, html } from '../../core/base/text/html.ts';
import type { Report } from '../report.ts';
import type { Verdict } from '../verdict.ts';

const TONES: Partial<Record<Verdict['outcome'], { tone: 'good' | 'bad'; sign: string }>> = {
  'no drift': { tone: 'good', sign: '✓' },
  drift: { tone: 'bad', sign: '▲' },
  'no finite output': { tone: 'bad', sign: '▲' },
  'nothing classified': { tone: 'bad', sign: '▲' },
};

export function verdictSection(report: Report): Html {
  const { outcome, headline, sentence, action, findings } = report.verdict;
  const { tone, sign } = TONES[outcome] ?? { tone: 'unsure', sign: '?' };
  const isMixed = tone === 'good' && findings.length > 0;
  return html`
<section class="verdict ${isMixed ? 'unsure' : tone}" aria-labelledby="verdict">
<h2 id="verdict">${sign} ${headline}</h2>
<p>${sentence}</p>
<p><b>What to do:</b> ${action}</p>
${findings.length > 0 && html`<ul>${findings.map((finding) => html`<li>${finding}</li>`)}</ul>`}
</section>
<dl class="glance">${glance(report).map(
    ([name, value, more]) => html`<div><dt>${name}</dt><dd>${value} <small>${more}</small></dd></div>`,
  )}</dl>`;
}

function glance({ files, chips, blank, n, drift, figures, accuracy }: Report): [string, string, string][] {
  const { DONE, EMPTY, INVALID, FAILED } = files.states;
  const all = Object.values(files.states).reduce((sum, count) => sum + count, 0);
  const bad = INVALID + FAILED;
  const others = bad > 0 ? `; ${count(bad)} went wrong` : EMPTY > 0 ? `; ${count(EMPTY)} blank` : '';
  return [
    ['Files classified', count(DONE), `of ${count(all)}${others}`],
    ['Predictions', count(n), `of ${counted(chips, 'chip')}; ${count(blank)} blank`],
    ['Drift', orNone(drift?.jensenShannon, distance), `noise floor ${orNone(drift?.noiseFloor, distance)}`],
    ...figures.map((one): [string, string, string] => [one.name, figureText(one), one.note ?? '']),
    accuracy === null
      ? ['Accuracy', NONE, 'no known truth']
      : [accuracy.figure.name, figureText(accuracy.figure), `over ${counted(accuracy.n, 'chip')}`],
  ];
}
