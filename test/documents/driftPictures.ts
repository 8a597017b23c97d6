import * as Plot from '@observablehq/plot';
import { driftChart } from '../../charts/drift.ts';
import { QUIET_COLOUR, seriesColour, THRESHOLD_COLOUR } from '../../charts/format.ts';
import { draw, scaleMarks } from '../../charts/plot.ts';
import { sharesChart } from '../../charts/shares.ts';
import { gradualDrift } from '../../core/drift/gradualDrift.ts';
import { sharesOf } from '../../core/drift/window.ts';
import { gradualThreshold } from '../../core/metrics/metrics.ts';
import { measureDrift } from '../../core/statistics/measureDrift.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { fifteenDays, SEED } from '../../replay/plan.ts';
import { sfc32 } from '../../replay/sfc32.ts';
import { document } from '../benches/chart.ts';
import { drawn } from '../benches/draws.ts';
import { judgedDay, LIMITS, predictionsOfDark } from '../benches/fifteenDays.ts';
import { readBaselineFile } from '../benches/packages.ts';
import { quietDay, model as tile } from '../benches/quietTile.ts';
import { seasonPicture } from './seasonPicture.ts';

/** Draws the pictures of docs/drift.md, by name, as SVG: with the service's own charts, from its own numbers. */
export async function driftPictures(): Promise<Record<string, string>> {
  const model = await readModelPackage(readBaselineFile);
  const dark = await predictionsOfDark();
  const days = fifteenDays.map((day) => judgedDay(SEED, day, dark, model));
  const place = { document: document as never, width: 720 };
  const shares = (number: number) => {
    const { judgement } = days[number - 1]!;
    return sharesChart(sharesOf(judgement, model), { ...place, word: 'class' });
  };
  const averages = days.map(({ day }, i) => {
    const drift = gradualDrift({ first: days.slice(0, 7), days: days.slice(0, i + 1) }, day, model, LIMITS);
    return { day, drift: drift && { ...drift, n: 0 } };
  });
  const season = seasonPicture();
  const judged = days.map(({ day, judgement: { drift } }) => ({ day, drift }));
  return {
    'drift-quiet-day': svgOf(shares(1)),
    'drift-green-day': svgOf(shares(4)),
    'drift-chance': svgOf(chanceChart()),
    'season-areas': svgOf(season.areas),
    'season-distances': svgOf(season.distances),
    'drift-days': svgOf(driftChart(judged, { ...place, height: 220, threshold: LIMITS.threshold })),
    'drift-gradual': svgOf(
      driftChart(averages, { ...place, height: 160, threshold: gradualThreshold(LIMITS.threshold) }),
    ),
  };
}

const WINDOWS = 1000;
/** In one window: as many chips, drawn one by one or in squares of neighbours. */
const [SCENES, SIDE] = [10, 7];
const BIN = 0.01;
const [ALONE, TOGETHER] = ['490 chips, each from anywhere', '10 scenes of 49 neighbouring chips'] as const;

/** Draws how far quiet windows lie from the reference, by chance alone. */
function chanceChart() {
  const random = sfc32(3, 10, 1);
  const reference = tile.reference as readonly number[];
  const chips = SCENES * SIDE ** 2;
  const alone = Array.from({ length: WINDOWS }, () => drawn(reference, chips, random)).map(
    (counts) => measureDrift({ counts, reference, threshold: 0.25, minimum: 1, alpha: 0.01 })!,
  );
  const together = Array.from({ length: WINDOWS }, () => quietDay(SCENES, SIDE, random).drift!);
  const rows = ([ALONE, TOGETHER] as const).flatMap((kind) => {
    const found = kind === ALONE ? alone : together;
    const bins = Object.groupBy(found, ({ jensenShannon }) => Math.floor(jensenShannon / BIN));
    return Object.entries(bins).map(([bin, some = []]) => ({ kind, from: Number(bin) * BIN, windows: some.length }));
  });
  const byChips = alone[0]!.noiseFloor;
  const byScenes = together.reduce((sum, { noiseFloor }) => sum + noiseFloor, 0) / WINDOWS;
  const floors = [
    { kind: ALONE, at: byChips, text: 'noise floor' },
    { kind: TOGETHER, at: byChips, text: 'if each chip counted' },
    { kind: TOGETHER, at: byScenes, text: 'noise floor, by scenes' },
  ];
  const line = { x: 'at', fy: 'kind' } as const;
  return draw(document as never, {
    width: 720,
    height: 300,
    margins: [20, 20, 40, 50],
    ariaLabel: `How far ${WINDOWS} quiet windows lie from the reference by chance`,
    x: { domain: [0, 0.5], label: 'distance from the reference' },
    fy: { domain: [ALONE, TOGETHER], axis: null },
    marks: [
      ...scaleMarks(3, 'd'),
      Plot.rectY(rows, {
        fy: 'kind',
        x1: 'from',
        x2: ({ from }: { from: number }) => from + BIN,
        y: 'windows',
        fill: seriesColour(0),
        insetLeft: 0.5,
        insetRight: 0.5,
      }),
      Plot.ruleX(floors, { ...line, stroke: THRESHOLD_COLOUR, strokeDasharray: '6 3' }),
      Plot.text(floors, {
        ...line,
        text: 'text',
        frameAnchor: 'top',
        textAnchor: 'start',
        dx: 4,
        dy: 26,
        fill: THRESHOLD_COLOUR,
      }),
      Plot.text([ALONE, TOGETHER], {
        fy: (kind) => kind,
        text: (kind) => kind,
        frameAnchor: 'top-right',
        fill: QUIET_COLOUR,
        fontWeight: 600,
      }),
      Plot.axisX({ ticks: 6, label: 'distance from the reference', color: QUIET_COLOUR }),
    ],
  });
}

/** A file of its own: with a ground, and without the variables of a page's theme. */
function svgOf(drawing: unknown): string {
  const svg = drawing as { outerHTML: string; getAttribute(name: string): string };
  const ground = `<rect width="${svg.getAttribute('width')}" height="${svg.getAttribute('height')}" fill="#fff"/>`;
  const text = svg.outerHTML
    .replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg"')
    .replace('>', `>${ground}`)
    .replace(/<style>.*?<\/style>/s, '')
    .replaceAll(/var\(--[a-z\d-]+, ?([^)]+)\)/g, '$1');
  return `${text.replaceAll(/\d+\.\d{3,}/g, (number) => Number(number).toFixed(2))}\n`;
}
