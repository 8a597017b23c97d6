import { bandsChart, bandsMeaning } from '../../../charts/bands.ts';
import { count, distance, orNone } from '../../../charts/format.ts';
import { precise } from '../../../core/base/text/precise.ts';
import type { ShownBand } from '../../../core/measures/bands/shownBands.ts';
import { outsideText } from '../outsideText.ts';
import { ChartFigure } from './chart.tsx';

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
