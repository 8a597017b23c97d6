import { inUnit, minute, NONE } from '../../../charts/format.ts';
import { type Look, looksOf } from '../../../charts/looks.ts';
import { type DrawnPanel, panelChart } from '../../../charts/panel.ts';
import { outsideText } from '../outsideText.ts';
import { Nothing } from './answered.tsx';
import { ChartFigure } from './chart.tsx';

/** A panel of the dashboard: what it shows, how to read it, its newest values, the chart, and all of its numbers. */
export function PanelFigure({ drawn, problem }: { drawn: DrawnPanel; problem: string | null }) {
  const { panel } = drawn;
  const shown = drawn.lines.filter(({ points }) => points.length > 0);
  const unread = problem === null ? null : `The numbers could not be read: ${outsideText(problem)}`;
  if (shown.length === 0)
    return (
      <figure class="panel card">
        <h3>{panel.title}</h3>
        <Nothing>{unread ?? 'Nothing was published in this period.'}</Nothing>
        <figcaption class="small quiet">{panel.meaning}</figcaption>
      </figure>
    );
  return (
    <ChartFigure
      title={panel.title}
      data={drawn}
      draw={panelChart}
      meaning={panel.meaning}
      head={['Time (UTC)', ...shown.map(({ label }) => outsideText(label))]}
      rows={() => rowsOf(panel, shown)}
    >
      <Legend drawn={drawn} />
    </ChartFigure>
  );
}

function rowsInLegend(drawn: DrawnPanel) {
  const { panel, lines } = drawn;
  const looks = looksOf(drawn);
  const inPairs = looks.some(({ reference }) => reference !== null);
  return lines.flatMap((line, i) => {
    const { reference } = looks[i]!;
    if (line.isReference && inPairs) return []; // its number stands beside that of its line
    const name = inPairs ? withoutSeries(line.label, panel) : line.label;
    return [{ name, look: looks[i]!, line, reference: reference === null ? null : lines[reference]! }];
  });
}

/** `cows-0` of `predicted cows-0`: what a series' lines have in common, the panel's title says. */
function withoutSeries(label: string, { series }: DrawnPanel['panel']): string {
  const prefix = series.map((one) => `${one.label} `).find((start) => label.startsWith(start));
  return prefix === undefined ? label : label.slice(prefix.length);
}

/** Tells the lines apart and says the newest value of each: the answer, for whoever does not read charts. */
function Legend({ drawn }: { drawn: DrawnPanel }) {
  const { panel } = drawn;
  const rows = rowsInLegend(drawn);
  const newest = ({ points }: DrawnPanel['lines'][number]) =>
    points.length === 0 ? NONE : inUnit(points.at(-1)!.value, panel.unit);
  return (
    <ul class="legend">
      {rows.map(({ name, look, line, reference }) => (
        <li key={line.label}>
          <Swatch colour={look.colour} dash={look.dash} isBar={panel.kind === 'bars'} />
          {outsideText(name)} <b>{newest(line)}</b>
          {reference !== null && <span class="quiet"> ({newest(reference)})</span>}
        </li>
      ))}
      {rows.some(({ reference }) => reference !== null) && (
        <li class="quiet">
          <Swatch colour="currentColor" dash="4 3" isBar={false} />
          (reference)
        </li>
      )}
    </ul>
  );
}

const Swatch = ({ colour, dash, isBar }: Pick<Look, 'colour' | 'dash'> & { isBar: boolean }) => (
  <svg class="swatch" viewBox="0 0 16 8" aria-hidden="true">
    {isBar ? (
      <rect width="16" height="8" rx="1.5" style={{ fill: colour }} />
    ) : (
      <path d="M0 4h16" style={{ stroke: colour, strokeDasharray: dash }} />
    )}
  </svg>
);

function rowsOf(panel: DrawnPanel['panel'], shown: DrawnPanel['lines']): string[][] {
  const byTime = new Map<string, string[]>();
  for (const [i, { points }] of shown.entries())
    for (const { time, value } of points) {
      const row = byTime.get(time) ?? [minute(time), ...shown.map(() => NONE)];
      row[i + 1] = inUnit(value, panel.unit);
      byTime.set(time, row);
    }
  return [...byTime].sort(([a], [b]) => b.localeCompare(a)).map(([, row]) => row);
}
