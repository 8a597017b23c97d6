import { looksOf } from '../../../charts/looks.ts';
import { type DrawnPanel, panelChart } from '../../../charts/panel.ts';
import { inUnit } from '../../../charts/units.ts';
import { minute, NONE } from '../format.ts';
import { outsideText } from '../outsideText.ts';
import { Nothing } from './answered.tsx';
import { Chart } from './chart.tsx';
import { NumbersTable } from './numbersTable.tsx';

/** A panel of the dashboard: what it shows, how to read it, its newest values, the chart, and all of its numbers. */
export function PanelFigure({ drawn }: { drawn: DrawnPanel }) {
  const { panel, lines } = drawn;
  const shown = lines.filter(({ points }) => points.length > 0);
  return (
    <figure class="panel card">
      <h3>{panel.title}</h3>
      {shown.length === 0 ? (
        <Nothing>Nothing was published within this time.</Nothing>
      ) : (
        <>
          <Legend drawn={drawn} />
          <Chart data={drawn} draw={draw} reading={readingOf(drawn)} />
        </>
      )}
      <figcaption class="meaning">{panel.meaning}</figcaption>
      {shown.length > 0 && (
        <NumbersTable
          title={panel.title}
          head={['Time (UTC)', ...shown.map(({ label }) => outsideText(label))]}
          rows={() => rowsOf(drawn)}
        />
      )}
    </figure>
  );
}

function draw(drawn: DrawnPanel, width: number): Element {
  return panelChart(drawn, { width, isInteractive: true });
}

/** Tells the lines apart and says the newest value of each: the answer, for whoever does not read charts. */
function Legend({ drawn: { panel, lines } }: { drawn: DrawnPanel }) {
  const looks = looksOf(lines);
  return (
    <ul class="legend">
      {lines.map(({ label, points }, i) => (
        <li key={label}>
          <svg class="swatch" viewBox="0 0 16 8" aria-hidden="true">
            {panel.kind === 'bars' ? (
              <rect width="16" height="8" rx="1.5" style={{ fill: looks[i]!.colour }} />
            ) : (
              <path
                d="M0 4h16"
                style={{ stroke: looks[i]!.colour, strokeDasharray: looks[i]!.isDashed ? '4 2' : 'none' }}
              />
            )}
          </svg>
          {outsideText(label)} <b>{points.length === 0 ? NONE : inUnit(points.at(-1)!.value, panel.unit)}</b>
        </li>
      ))}
    </ul>
  );
}

function readingOf({ panel, lines, from, to }: DrawnPanel): string {
  const newest = lines
    .filter(({ points }) => points.length > 0)
    .map(({ label, points }) => {
      const values = points.map(({ value }) => value);
      return `${outsideText(label)}: newest ${inUnit(values.at(-1)!, panel.unit)}, highest ${inUnit(Math.max(...values), panel.unit)}`;
    });
  const levels = panel.levels.map(({ label, value }) => `${label}: ${inUnit(value, panel.unit)}`);
  return `${panel.title}, ${minute(from)} to ${minute(to)} UTC. ${[...newest, ...levels].join('; ')}.`;
}

/** A row for each time, the newest first. */
function rowsOf({ panel, lines }: DrawnPanel): string[][] {
  const shown = lines.filter(({ points }) => points.length > 0);
  const byTime = new Map<string, string[]>();
  for (const [i, { points }] of shown.entries())
    for (const { time, value } of points) {
      const row = byTime.get(time) ?? [minute(time), ...shown.map(() => NONE)];
      row[i + 1] = inUnit(value, panel.unit);
      byTime.set(time, row);
    }
  return [...byTime].sort(([a], [b]) => b.localeCompare(a)).map(([, row]) => row);
}
