import { bandsChart, bandsMeaning } from '../../../charts/bands.ts';
import { scoreFacts } from '../../../charts/driftWords.ts';
import { count, distance, orNone } from '../../../charts/format.ts';
import { scoreChart } from '../../../charts/score.ts';
import { hasReference, largestShares, shareHeads, sharesChart, shareTexts } from '../../../charts/shares.ts';
import { capitalised } from '../../../core/base/text/capitalised.ts';
import { precise } from '../../../core/base/text/numbers.ts';
import type { ShownBand } from '../../../core/measures/bands/shownBands.ts';
import type { WindowNumbers } from '../../api.ts';
import { noted, outsideText } from './answered.tsx';
import { VerdictBadge } from './badges.tsx';
import { Chart, ChartFigure } from './chart.tsx';
import { Facts } from './table.tsx';

type Numbers = Pick<WindowNumbers, 'shares' | 'words'>;

/** What was predicted beside the reference: classes, or bins of values. */
export function SharesFigure({ title, meaning, numbers }: { title: string; meaning: string; numbers: Numbers }) {
  const { one, isOfShares } = numbers.words;
  const all = numbers.shares.map(({ name, ...share }) => ({ name: outsideText(name), ...share }));
  return (
    <ChartFigure
      title={title}
      data={all}
      draw={(shown, place) => sharesChart(shown, { ...place, word: one, isOfShares })}
      meaning={hasReference(all) ? meaning : 'There is nothing to hold them against: the reference is provisional.'}
      head={[capitalised(one), ...shareHeads(all, isOfShares)]}
      rows={() => largestShares(all).map((one) => [one.name, ...shareTexts(one, isOfShares)])}
    />
  );
}

/** What came in each source band beside the package's profile of it. */
export function BandsFigure({ title, bands: all }: { title: string; bands: ShownBand[] }) {
  const bands = all.map((one) => ({ ...one, band: outsideText(one.band) }));
  return (
    <ChartFigure
      look=" bands"
      title={title}
      data={bands}
      draw={bandsChart}
      meaning={bandsMeaning}
      head={['Band', 'Verdict', 'Distance', 'Noise floor', 'Mean', 'Expected', 'Mean shift', 'Wasserstein', 'Chips']}
      rows={() => bands.map(bandRow)}
    />
  );
}

function bandRow({ band, verdict, chips, ...of }: ShownBand) {
  const scores = [of.jensenShannon, of.noiseFloor].map((score) => orNone(score, distance));
  const means = [of.mean, of.expectedMean].map((mean) => orNone(mean, precise));
  const moved = [of.meanShift, of.wasserstein].map((shift) => orNone(shift, distance));
  return [band, verdict, ...scores, ...means, ...moved, count(chips)];
}

type Scores = NonNullable<WindowNumbers['drift']>;

/** Nothing beside a provisional reference. */
export function ScoreBar({ drift, threshold }: { drift: Scores; threshold: number }) {
  const { jensenShannon, noiseFloor, isProvisional } = drift;
  return isProvisional ? null : <Chart data={{ jensenShannon, noiseFloor, threshold }} draw={scoreChart} />;
}

/** Everything that is known about a window's distance from the reference. */
export const DriftNumbers = ({ drift, threshold }: { drift: Scores; threshold: number | null }) => (
  <section class="panel card">
    <h3>
      Drift <VerdictBadge verdict={drift.verdict} />
    </h3>
    {threshold !== null && <ScoreBar drift={drift} threshold={threshold} />}
    {!drift.isProvisional && (
      <p class="small quiet">
        How far the predicted shares are from the reference's. Below the noise floor, chance explains it.
      </p>
    )}
    <Facts facts={scoreFacts(drift).map(([name, value, meaning]) => [name, noted(value, meaning)])} />
  </section>
);
