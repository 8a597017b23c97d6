import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ChartPanel } from '../observability/panel.ts';
import { type DrawnElement, document, elementOf } from '../test/benches/chart.ts';
import { type DrawnPanel, panelChart } from './panel.ts';

const panel: ChartPanel = {
  kind: 'lines',
  id: 'drift',
  title: 'Prediction drift',
  meaning: 'How far the predictions are from the reference.',
  unit: 'distance',
  periodSeconds: 3600,
  series: [],
  levels: [{ label: 'alarm above', value: 0.25 }],
};
const drawn: DrawnPanel = {
  panel,
  lines: [
    { label: 'drift', isReference: false, points: points(0.1, 0.3, 0.2) },
    { label: 'noise floor', isReference: true, points: points(0.05, 0.05, 0.05) },
  ],
  from: '2026-04-01T00:00:00.000Z',
  to: '2026-04-05T00:00:00.000Z',
  versions: [
    { time: '2026-04-02T00:00:00.000Z', version: '1.1.0' },
    { time: '2026-04-04T12:00:00.000Z', version: '1.2.0' },
  ],
};

describe('the chart of a panel of lines', () => {
  const svg = draw(drawn);

  test('has a line for each series, a reference dashed and without dots', () => {
    const lines = [...svg.querySelectorAll('[aria-label="line"]')];
    assert.deepEqual(
      lines.map((line) => line.getAttribute('stroke-dasharray')),
      [null, '4 3'],
    );
    assert.deepEqual(dots(svg), [3]);
  });

  test('marks the levels, each with its value, where the values have it', () => {
    const [level] = rules(svg, '6 3');
    const [, middle] = [...svg.querySelectorAll('[aria-label="dot"] circle')].map((dot) =>
      Number(dot.getAttribute('cy')),
    );
    assert.ok(middle! < Number(level!.getAttribute('y1')), '0.3 lies above 0.25');
    assert.ok(texts(svg).includes('alarm above 0.25'));
  });

  test('marks where the version changed, with words that stay within the chart', () => {
    assert.equal(rules(svg, '1 3').length, 2);
    const anchors = ['version 1.1.0', 'version 1.2.0'].map((words) =>
      [...svg.querySelectorAll('g')]
        .find((group) => group.textContent === words && group.hasAttribute('text-anchor'))
        ?.getAttribute('text-anchor'),
    );
    assert.deepEqual(anchors, ['start', 'end']);
  });

  test('a line of a single point is seen', () => {
    assert.deepEqual(dots(draw({ ...drawn, lines: [{ label: 'x', isReference: true, points: points(1) }] })), [1]);
  });

  for (const value of [1_248_000, 0.0000005, 1e30, -25_000_000, 99_000, 0.0011])
    test(`the numbers of its axis fit beside it: up to ${value}`, () => {
      const of: ChartPanel = { ...panel, unit: 'number', levels: [] };
      const wide = draw({ ...drawn, panel: of, lines: [{ ...drawn.lines[0]!, points: points(value, 0) }] });
      const ticks = [...wide.querySelectorAll('[aria-label="y-axis tick label"] text')].map((one) => one.textContent);
      assert.ok(ticks.length > 2 && ticks.every(({ length }) => length <= 7), ticks.join(' '));
      assert.equal(new Set(ticks).size, ticks.length);
    });

  test('labels are text, whatever they hold', () => {
    const hostile = draw({ ...drawn, versions: [{ ...drawn.versions[0]!, version: '<img src=x>' }] });
    assert.equal(hostile.querySelector('img'), null);
    assert.ok(texts(hostile).includes('version <img src=x>'));
  });
});

describe('the chart of a panel of bars', () => {
  const bars: DrawnPanel = {
    ...drawn,
    panel: { ...panel, kind: 'bars', unit: 'count', periodSeconds: 86_400, levels: [] },
    lines: [
      { label: 'files DONE', isReference: false, points: points(2, 3, 2) },
      { label: 'files FAILED', isReference: false, points: points(1, 0, 2) },
    ],
  };

  test('stacks the series of a period, and ends where the time ends', () => {
    const rects = [...draw({ ...bars, to: '2026-04-03T12:00:00.000Z' }).querySelectorAll('rect')].map((rect) => ({
      top: Number(rect.getAttribute('y')),
      bottom: Number(rect.getAttribute('y')) + Number(rect.getAttribute('height')),
      right: Number(rect.getAttribute('x')) + Number(rect.getAttribute('width')),
    }));
    assert.equal(rects.length, 6);
    assert.ok(Math.abs(rects[3]!.bottom - rects[0]!.top) < 1e-9, 'FAILED stands on DONE');
    assert.ok(rects.every(({ right }) => right <= 470));
  });

  test('counts few things one by one', () => {
    const ticks = texts(draw(bars)).filter((text) => /^[\d.]+$/.test(text));
    for (const whole of ['0', '1', '2', '3', '4']) assert.ok(ticks.includes(whole), `${whole} of ${ticks.join(' ')}`);
    assert.ok(ticks.every((text) => !text.includes('.')));
  });
});

test('nothing but zeros has a height all the same', () => {
  const svg = draw({
    ...drawn,
    panel: { ...panel, levels: [] },
    lines: [{ ...drawn.lines[0]!, points: points(0, 0) }],
  });
  assert.doesNotMatch(svg.outerHTML, /NaN|Infinity/);
});

function points(...values: number[]) {
  return values.map((value, i) => ({ time: `2026-04-0${i + 1}T00:00:00.000Z`, value }));
}

function draw(data: DrawnPanel): DrawnElement {
  return elementOf(panelChart(data, { document }));
}

function texts(svg: DrawnElement): string[] {
  return [...svg.querySelectorAll('text')].map(({ textContent }) => textContent);
}

/** How many dots each group of them has. */
function dots(svg: DrawnElement): number[] {
  return [...svg.querySelectorAll('[aria-label="dot"]')].map(({ children }) => children.length);
}

function rules(svg: DrawnElement, dash: string): DrawnElement[] {
  return [...svg.querySelectorAll(`[aria-label="rule"][stroke-dasharray="${dash}"] line`)];
}
