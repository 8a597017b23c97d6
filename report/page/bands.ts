import { bandsChart, bandsMeaning } from '../../charts/bands.ts';
import { count, cut, distance, orNone } from '../../charts/format.ts';
import { type Html, html } from '../../core/base/text/html.ts';
import { precise } from '../../core/base/text/numbers.ts';
import { printable } from '../../core/base/text/printable.ts';
import type { ShownBand } from '../../core/measures/bands/shownBands.ts';
import type { Report } from '../report.ts';
import { CANVAS, drawing, headOf, NAME_LETTERS, nameCell, numberCells, table, wide } from './parts.ts';

/** The day's source bands beside the package's profile of them; nothing where it has none. */
export function bandsSection({ bands: all = [] }: Report): Html | false {
  if (all.length === 0) return false;
  const bands = all.map((one) => ({ ...one, band: cut(printable(one.band), NAME_LETTERS) }));
  const far = bands.filter(({ verdict }) => verdict === 'drift').map(({ band }) => band);
  const caption =
    'Each source band beside its profile; shifts are in standard deviations of the profile, and the mean is expected by the other bands';
  const numbers = ['Chips', 'Distance', 'Noise floor', 'Mean', 'Expected', 'Mean shift', 'Wasserstein'];
  return html`
<section>
<h2>Source bands</h2>
<p>${far.length === 0 ? 'No band has moved more than allowed.' : `Moved more than allowed: ${far.join(', ')}.`}</p>
<figure class="together">${wide('Charts of the source bands', drawing(bandsChart(bands, CANVAS)))}
<figcaption>${bandsMeaning}</figcaption></figure>
${wide('Table of the source bands', table(caption, headOf(['Band'], numbers, ['Verdict']), bands.map(row)))}
</section>`;
}

function row(band: ShownBand): Html {
  const { jensenShannon, noiseFloor, mean, wasserstein, verdict } = band;
  const two = (value: number) => value.toFixed(2);
  const scores = [jensenShannon, noiseFloor].map((score) => orNone(score, distance));
  const shift = withNoise(band.meanShift, band.meanShiftNoise, two);
  const expected = withNoise(band.expectedMean, band.expectedMeanNoise, precise);
  const moved = [orNone(mean, precise), expected, shift, orNone(wasserstein, two)];
  return html`<tr>${nameCell(band.band)}${numberCells(count(band.chips), ...scores, ...moved)}<td>${verdict}</td></tr>`;
}

/** With what chance makes of it. */
const withNoise = (value: number | null, noise: number | null, text: (value: number) => string): string =>
  value === null || noise === null ? orNone(value, text) : `${text(value)} ± ${text(noise)}`;
