import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DrawnElement, document, elementOf } from '../test/benches/chart.ts';
import { type DriftDay, type DriftOptions, driftChart } from './drift.ts';

/** Six days in April, of which the third had no file. */
const days: DriftDay[] = [
  dayOf('2026-04-01', 0.1, 'no drift'),
  dayOf('2026-04-02', 0.2, 'no drift'),
  { day: '2026-04-03', drift: null },
  dayOf('2026-04-04', 0.05, 'not enough data', 0.6),
  dayOf('2026-04-05', 0.4, 'drift'),
  dayOf('2026-04-06', 0.3, 'drift'),
];

describe('the chart of drift by day', () => {
  const svg = draw(days);
  const height = scaleOf(svg);

  test('marks each verdict in its own way', () => {
    const [judged, drifted, unsure] = dots(svg);
    assert.deepEqual(
      [judged, drifted, unsure].map((group) => group!.children.length),
      [2, 2, 1],
    );
    assert.equal(drifted!.querySelector('circle'), null, 'drift has a shape of its own, not a colour only');
    assert.match(String(unsure!.getAttribute('fill')), /--plot-background/, 'a ring');
  });

  test('places each score, and the threshold with its label, by the same scale', () => {
    const [judged] = dots(svg);
    const [first, second] = [...judged!.querySelectorAll('circle')].map((circle) => Number(circle.getAttribute('cy')));
    assert.ok(Math.abs(first! - height(0.1)) < 1e-9 && Math.abs(second! - height(0.2)) < 1e-9);
    assert.ok([...svg.querySelectorAll('text')].some(({ textContent }) => textContent === 'drift above 0.25'));
  });

  test('draws the noise floor of each judged day as a column, cut off at the top', () => {
    const columns = [...svg.querySelectorAll('[aria-label="rect"] rect')].map((rect) => Number(rect.getAttribute('y')));
    assert.equal(columns.length, 5);
    assert.ok(Math.abs(columns[0]! - 0.5 - height(0.08)) < 1e-9); // the inset
    assert.ok(columns[2]! < height(0.4), 'higher than the highest score');
    assert.ok(columns[2]! >= 0);
  });

  test('joins no days between which there is one without a score', () => {
    const path = String(svg.querySelector('[aria-label="line"] path')?.getAttribute('d'));
    assert.equal(path.match(/M/g)?.length, 2, path);
  });

  test('describes each day in words in its tooltip', () => {
    const titles = [...svg.querySelectorAll('title')].map(({ textContent }) => textContent);
    assert.ok(titles.includes('2026-04-05: drift, 0.400 with a noise floor of 0.080 at 1,234 predictions'));
  });

  test('needs no scale of colours where each day drifts: the bundle of the console has none', () => {
    const drawing = driftChart(days.slice(4), { threshold: 0.25, document });
    assert.equal(drawing.scale('color')?.type ?? 'identity', 'identity');
  });

  test('says what matters to those who cannot see it', () => {
    assert.equal(
      svg.getAttribute('aria-label'),
      'Prediction drift of 5 days: the newest 0.300 on 2026-04-06; drift above 0.25 on 2026-04-05, 2026-04-06',
    );
  });
});

describe('of two versions on one day', () => {
  const svg = draw([
    { ...dayOf('2026-04-01', 0.1, 'no drift'), version: '1.0.0' },
    { ...dayOf('2026-04-02', 0.2, 'no drift', 0.1), version: '1.0.0' },
    { ...dayOf('2026-04-02', 0.4, 'drift', 0.3), version: '1.1.0' },
    { ...dayOf('2026-04-03', 0.3, 'drift', 0.3), version: '1.1.0' },
  ]);

  test('each has its own line, in its own colour', () => {
    const lines = [...svg.querySelectorAll('[aria-label="line"]')];
    assert.equal(new Set(lines.map((line) => line.getAttribute('stroke'))).size, 2);
    for (const line of lines) {
      const path = String(line.querySelector('path')?.getAttribute('d'));
      assert.deepEqual([path.match(/M/g)?.length, path.match(/L/g)?.length], [1, 1], path);
    }
  });

  test('each has its own noise floor', () => {
    const columns = [...svg.querySelectorAll('[aria-label="rect"] rect')].map((rect) => ({
      x: Number(rect.getAttribute('x')),
      width: Number(rect.getAttribute('width')),
    }));
    const [, first, second] = columns;
    assert.equal(columns.length, 4);
    assert.ok(first!.x + first!.width <= second!.x, 'side by side');
  });

  test('each is named, in the drawing and in words', () => {
    const texts = [...svg.querySelectorAll('text, title')].map(({ textContent }) => textContent);
    for (const text of ['1.0.0: 0.200', '1.1.0: 0.300']) assert.ok(texts.includes(text), texts.join());
    assert.ok(texts.some((text) => text.startsWith('2026-04-02, 1.1.0: drift, 0.400')));
    assert.equal(
      svg.getAttribute('aria-label'),
      'Prediction drift of 1.0.0, 2 days: the newest 0.200 on 2026-04-02; none above 0.25. 1.1.0, 2 days: the newest 0.300 on 2026-04-03; drift above 0.25 on 2026-04-02, 2026-04-03',
    );
  });
});

test('the days shown may be more than those judged, and have as many dates as there is room for', () => {
  const wide = draw(days, { from: '2026-03-08', to: '2026-04-06', width: 640 });
  const narrow = draw(days, { from: '2026-03-08', to: '2026-04-06', width: 320 });
  assert.deepEqual(datesOf(wide), [
    'Mar 10',
    'Mar 13',
    'Mar 16',
    'Mar 19',
    'Mar 22',
    'Mar 25',
    'Mar 28',
    'Mar 31',
    'Apr 3',
    'Apr 6',
  ]);
  assert.deepEqual(datesOf(narrow), ['Mar 13', 'Mar 19', 'Mar 25', 'Mar 31', 'Apr 6']);
});

test('without a judged day there is the threshold alone', () => {
  const svg = draw([]);
  assert.deepEqual([svg.querySelector('circle'), svg.querySelector('rect'), datesOf(svg)], [null, null, []]);
  assert.equal(svg.getAttribute('aria-label'), 'Prediction drift by day: no day was judged');
});

function draw(shown: DriftDay[], options: Partial<DriftOptions> = {}): DrawnElement {
  return elementOf(driftChart(shown, { threshold: 0.25, document, ...options }));
}

/** The groups of marks: days without drift, days with it, and days that were too few to tell. */
function dots(svg: DrawnElement): DrawnElement[] {
  return [...svg.querySelectorAll('[aria-label="dot"]')];
}

/** From a score to its height in the drawing, by two of the axis's numbers. */
function scaleOf(svg: DrawnElement): (score: number) => number {
  const labels = [...svg.querySelectorAll('[aria-label="y-axis tick label"] text')].map((text) => ({
    score: Number(text.textContent),
    y: Number(/,([\d.]+)\)/.exec(String(text.getAttribute('transform')))?.[1]),
  }));
  const [low, high] = [labels[0]!, labels.at(-1)!];
  return (score) => low.y + ((score - low.score) / (high.score - low.score)) * (high.y - low.y);
}

function datesOf(svg: DrawnElement): string[] {
  return [...svg.querySelectorAll('[aria-label="x-axis tick label"] text')].map(({ textContent }) => textContent);
}

function dayOf(
  day: string,
  jensenShannon: number,
  verdict: NonNullable<DriftDay['drift']>['verdict'],
  noiseFloor = 0.08,
): DriftDay {
  return { day, drift: { jensenShannon, noiseFloor, n: 1234, verdict } };
}
