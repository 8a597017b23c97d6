import { scoreChart } from '../../../charts/score.ts';
import { scoreFacts } from '../../../charts/scoreFacts.ts';
import type { WindowNumbers } from '../../api.ts';
import { VerdictBadge } from './badges.tsx';
import { Chart } from './chart.tsx';
import { Facts } from './table.tsx';
import { noted } from './text.tsx';

type Scores = NonNullable<WindowNumbers['drift']>;

/** A score between what chance explains and what must not be passed. */
export function ScoreBar({ drift: { jensenShannon, noiseFloor }, threshold }: { drift: Scores; threshold: number }) {
  return <Chart data={{ jensenShannon, noiseFloor, threshold }} draw={scoreChart} />;
}

/** Everything that is known about a window's distance from the reference. */
export const DriftNumbers = ({ drift, threshold }: { drift: Scores; threshold: number | null }) => (
  <section class="panel card">
    <h3>
      Drift <VerdictBadge verdict={drift.verdict} />
    </h3>
    {threshold !== null && <ScoreBar drift={drift} threshold={threshold} />}
    <p class="small quiet">
      How far the predicted shares are from the reference's. Below the noise floor, chance explains it.
    </p>
    <Facts facts={scoreFacts(drift).map(([name, value, meaning]) => [name, noted(value, meaning)])} />
  </section>
);
