import { count, distance, pValue } from '../../../charts/format.ts';
import { scoreChart } from '../../../charts/score.ts';
import { scenesText } from '../../../core/drift/driftText.ts';
import type { WindowNumbers } from '../../api.ts';
import { VerdictBadge } from './badges.tsx';
import { Chart } from './chart.tsx';
import { Facts } from './table.tsx';

type Scores = NonNullable<WindowNumbers['drift']>;

/** A score between what chance explains and what must not be passed. */
export function ScoreBar({ drift: { jensenShannon, noiseFloor }, threshold }: { drift: Scores; threshold: number }) {
  return <Chart data={{ jensenShannon, noiseFloor, threshold }} draw={scoreChart} />;
}

/** Everything that is known about a window's distance from the reference. */
export function DriftNumbers({ drift, threshold }: { drift: Scores; threshold: number | null }) {
  const { jensenShannon, noiseFloor, n, chiSquare, psi, verdict } = drift;
  const of = scenesText(drift);
  return (
    <section class="panel card">
      <h3>
        Drift <VerdictBadge verdict={verdict} />
      </h3>
      {threshold !== null && <ScoreBar drift={drift} threshold={threshold} />}
      <p class="small quiet">
        How far the predicted shares are from the reference's. Below the noise floor, chance explains it.
      </p>
      <Facts
        facts={[
          ['Jensen–Shannon distance', distance(jensenShannon)],
          ['Noise floor', distance(noiseFloor)],
          ['Predictions', count(n)],
          of !== null && ['Scenes', of],
          [
            'Chi-square',
            `${chiSquare.statistic === null ? 'infinite' : chiSquare.statistic.toFixed(1)}, ${chiSquare.degreesOfFreedom} degrees of freedom, p ${pValue(chiSquare.pValue)}`,
          ],
          ['Population stability index', distance(psi)],
        ]}
      />
    </section>
  );
}
