import { bandsChart, bandsMeaning, bandsReading } from '../../../charts/bands.ts';
import { count, distance, orNone } from '../../../charts/format.ts';
import type { Place } from '../../../charts/plot.ts';
import { precise } from '../../../core/base/text/precise.ts';
import type { ShownBand } from '../../../core/measures/bands/shownBands.ts';
import { outsideText } from '../outsideText.ts';
import { ChartFigure } from './chart.tsx';

/** What came in each source band beside the package's profile of it. */
export function BandsFigure({ title, bands }: { title: string; bands: ShownBand[] }) {
  return (
    <ChartFigure
      look=" bands"
      title={title}
      data={bands}
      draw={drawBands}
      reading={outsideText(bandsReading(bands))}
      meaning={bandsMeaning}
      head={['Band', 'Verdict', 'Distance', 'Noise floor', 'Mean', 'Expected', 'Mean shift', 'Wasserstein', 'Chips']}
      rows={() => bands.map(bandRow)}
    />
  );
}

function drawBands(bands: ShownBand[], place: Place): Element {
  const shown = bands.map((one) => ({ ...one, band: outsideText(one.band) }));
  return bandsChart(shown, place);
}

function bandRow({ band, verdict, chips, ...of }: ShownBand) {
  const scores = [of.jensenShannon, of.noiseFloor].map((score) => orNone(score, distance));
  const means = [of.mean, of.expectedMean].map((mean) => orNone(mean, precise));
  const moved = [of.meanShift, of.wasserstein].map((shift) => orNone(shift, distance));
  return [outsideText(band), verdict, ...scores, ...means, ...moved, count(chips)];
}
