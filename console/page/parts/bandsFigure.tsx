import { bandsChart, bandsMeaning, bandsReading } from '../../../charts/bands.ts';
import { count, distance, orNone } from '../../../charts/format.ts';
import type { ShownBand } from '../../../core/measures/bands/shownBands.ts';
import { outsideText } from '../outsideText.ts';
import { Chart } from './chart.tsx';
import { NumbersTable } from './table.tsx';

/** What came in each source band beside the package's profile of it. */
export function BandsFigure({ title, bands }: { title: string; bands: ShownBand[] }) {
  return (
    <figure class="panel card bands">
      <h3>{title}</h3>
      <Chart data={bands} draw={drawBands} reading={outsideText(bandsReading(bands))} />
      <figcaption class="small quiet">{bandsMeaning}</figcaption>
      <NumbersTable
        title={title}
        head={['Band', 'Verdict', 'Distance', 'Noise floor', 'Mean shift', 'Wasserstein', 'Chips']}
        rows={() => bands.map(bandRow)}
      />
    </figure>
  );
}

function drawBands(bands: ShownBand[], width: number): Element {
  return bandsChart(
    bands.map((one) => ({ ...one, band: outsideText(one.band) })),
    { width },
  );
}

function bandRow({ band, verdict, jensenShannon, noiseFloor, meanShift, wasserstein, chips }: ShownBand) {
  const scores = [jensenShannon, noiseFloor, meanShift, wasserstein].map((score) => orNone(score, distance));
  return [outsideText(band), verdict, ...scores, count(chips)];
}
