import { jsx as _jsx, jsxs as _jsxs } from 'preact/jsx-runtime';
import { scoreChart } from '../../../charts/score.ts';
import { count, distance, pValue } from '../format.ts';
import { Chart } from './chart.tsx';
import { Facts } from './facts.tsx';
import { VerdictBadge } from './verdictBadge.tsx';
/** A score between what chance explains and what must not be passed. */
export function ScoreBar({ drift: { jensenShannon, noiseFloor }, threshold }) {
  return _jsx(Chart, {
    data: `${jensenShannon} ${noiseFloor} ${threshold}`,
    draw: drawScore,
    reading: `Drift ${distance(jensenShannon)}; the noise floor is ${distance(noiseFloor)}, the threshold ${threshold}`,
  });
}
/** The numbers come as a text, since an equal text draws nothing anew. */
function drawScore(numbers, width) {
  const [jensenShannon = 0, noiseFloor = 0, threshold = 0] = numbers.split(' ').map(Number);
  return scoreChart({ jensenShannon, noiseFloor, threshold }, { width });
}
/** Everything that is known about a window's distance from the reference. */
export function DriftNumbers({ drift, threshold }) {
  const { jensenShannon, noiseFloor, n, chiSquare, psi, verdict } = drift;
  return _jsxs('section', {
    class: 'panel card',
    children: [
      _jsxs('h3', { children: ['Drift ', _jsx(VerdictBadge, { verdict: verdict })] }),
      threshold !== null && _jsx(ScoreBar, { drift: drift, threshold: threshold }),
      _jsx('p', {
        class: 'meaning',
        children: "How far the predicted shares are from the reference's. Below the noise floor, chance explains it.",
      }),
      _jsx(Facts, {
        facts: [
          ['Jensen–Shannon distance', distance(jensenShannon)],
          ['Noise floor', distance(noiseFloor)],
          ['Predictions', count(n)],
          [
            'Chi-square',
            `${chiSquare.statistic === null ? 'infinite' : chiSquare.statistic.toFixed(1)}, ${chiSquare.degreesOfFreedom} degrees of freedom, p ${pValue(chiSquare.pValue)}`,
          ],
          ['Population stability index', distance(psi)],
        ],
      }),
    ],
  });
}
