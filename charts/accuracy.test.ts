import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DrawnElement, document, elementOf } from '../test/benches/chart.ts';
import { type AccuracyDay, accuracyChart } from './accuracy.ts';

const dayOf = (day: string, value: number, interval: [number, number], version = '1.0.0'): AccuracyDay => ({
  day,
  version,
  accuracy: {
    n: 100,
    figure: { name: 'Accuracy', value, unit: 'share' },
    interval,
    expected: { value: 0.9, isMissed: interval[1] < 0.9 },
  },
});
const days = [
  dayOf('2026-04-01', 0.92, [0.85, 0.96]),
  dayOf('2026-04-02', 0.6, [0.5, 0.69]),
  dayOf('2026-04-04', 0.95, [0.89, 0.98]),
];
const draw = (shown: readonly AccuracyDay[]): DrawnElement => elementOf(accuracyChart(shown, { document, width: 640 }));
const marksOf = (svg: DrawnElement) =>
  [...svg.querySelectorAll('[aria-label="dot"]')].map((group) => group.children.length);

describe('the chart of accuracy by day', () => {
  const svg = draw(days);

  test('has a dot for each day that reaches the expected accuracy, and a mark of another shape for one that does not', () => {
    assert.deepEqual(marksOf(svg), [2, 1]);
    const [, missed] = [...svg.querySelectorAll('[aria-label="dot"]')];
    assert.equal(missed!.querySelector('circle'), null);
    assert.ok([...svg.querySelectorAll('text')].some(({ textContent }) => /^expected 90.%$/.test(String(textContent))));
  });

  test('has the interval of each day as a line from end to end', () => {
    const lines = [...svg.querySelectorAll('[aria-label="rule"] line')].filter(
      (line) => line.getAttribute('x1') === line.getAttribute('x2'),
    );
    assert.equal(lines.length, 3);
    for (const line of lines) assert.notEqual(line.getAttribute('y1'), line.getAttribute('y2'));
  });

  test('describes each day in words', () => {
    const titles = [...svg.querySelectorAll('title')].map(({ textContent }) =>
      String(textContent).replaceAll('\u00a0', ' '),
    );
    assert.ok(
      titles.includes('2026-04-02: 60 % (50 % to 69 %) of 100 with a known truth, below the expected 90 %'),
      titles.join(),
    );
  });

  test('draws versions of one day side by side, each in its colour', () => {
    const two = draw([days[0]!, dayOf('2026-04-01', 0.97, [0.92, 0.99], '2.0.0')]);
    const circles = [...two.querySelectorAll('[aria-label="dot"] circle')];
    assert.notEqual(circles[0]!.getAttribute('cx'), circles[1]!.getAttribute('cx'));
    assert.notEqual(circles[0]!.getAttribute('fill'), circles[1]!.getAttribute('fill'));
  });

  test('of values has neither intervals nor an expected accuracy, and has its own scale', () => {
    const figure = { name: 'Mean absolute error', value: 12.5, unit: 'number' } as const;
    const values = draw([{ day: '2026-04-01', version: '1.0.0', accuracy: { n: 10, figure } }]);
    assert.deepEqual(
      marksOf(values),
      [1, 0].filter((count) => count > 0),
    );
    assert.doesNotMatch(values.textContent ?? '', /expected/);
  });

  test('of no day says so', () => {
    assert.match(String(draw([]).getAttribute('aria-label')), /no day has known truth/);
  });
});
