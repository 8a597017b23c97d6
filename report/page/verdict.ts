import { type Html, html } from '../../core/html.ts';
import type { Report } from '../report.ts';
import type { Verdict } from '../verdict.ts';
import { score, share, whole } from './numbers.ts';

const TONES: Partial<Record<Verdict['outcome'], { tone: 'good' | 'bad'; sign: string }>> = {
  'no drift': { tone: 'good', sign: '✓' },
  drift: { tone: 'bad', sign: '▲' },
  'no finite output': { tone: 'bad', sign: '▲' },
  'nothing classified': { tone: 'bad', sign: '▲' },
};

/** What the day comes to and what to do, and the numbers that one asks for first. */
export function verdictSection(report: Report): Html {
  const { outcome, headline, sentence, action, troubles } = report.verdict;
  const { tone, sign } = TONES[outcome] ?? { tone: 'unsure', sign: '?' };
  const isMixed = tone === 'good' && troubles.length > 0;
  return html`
<section class="verdict ${isMixed ? 'unsure' : tone}" aria-labelledby="verdict">
<h2 id="verdict">${sign} ${headline}</h2>
<p>${sentence}</p>
<p><b>What to do:</b> ${action}</p>
${troubles.length > 0 && html`<ul>${troubles.map((trouble) => html`<li>${trouble}</li>`)}</ul>`}
</section>
<dl class="glance">${glance(report).map(
    ([name, value, more]) => html`<div><dt>${name}</dt><dd>${value} <small>${more}</small></dd></div>`,
  )}</dl>`;
}

function glance({ files, chips, blank, n, drift, meanProbability, accuracy }: Report): [string, string, string][] {
  const { DONE, EMPTY, INVALID, FAILED } = files.states;
  const all = Object.values(files.states).reduce((sum, count) => sum + count, 0);
  const bad = INVALID + FAILED;
  return [
    [
      'Files classified',
      whole(DONE),
      bad > 0
        ? `of ${whole(all)}; ${whole(bad)} went wrong`
        : `of ${whole(all)}${EMPTY > 0 ? `; ${whole(EMPTY)} blank` : ''}`,
    ],
    ['Predictions', whole(n), `of ${whole(chips)} chips; ${whole(blank)} blank`],
    ['Drift', score(drift?.jensenShannon ?? null), `noise floor ${score(drift?.noiseFloor ?? null)}`],
    ['Mean probability', share(meanProbability), 'of the predicted class'],
    [
      'Accuracy',
      share(accuracy?.share ?? null),
      accuracy === null ? 'no truth came along' : `over ${whole(accuracy.n)} chips`,
    ],
  ];
}
