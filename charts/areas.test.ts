import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClassArea } from '../core/drift/areas.ts';
import { document, elementOf } from '../test/benches/chart.ts';
import { areasChart } from './scenes.ts';

const classes: ClassArea[] = [
  { name: 'water', mapped: 50, corrected: { area: 75, interval: [25, 100] } },
  { name: 'forest', mapped: 1000, corrected: { area: 900, interval: [800, 1000] } },
];
const draw = (shown: ClassArea[]) => elementOf(areasChart(shown, { document }));
const barsIn = (svg: ReturnType<typeof draw>) =>
  [...svg.querySelectorAll('[aria-label="bar"] rect')].map((bar) => Number(bar.getAttribute('width')));
const textsIn = (svg: ReturnType<typeof draw>) =>
  [...svg.querySelectorAll('text')].map(({ textContent }) => textContent);

const intervalsIn = (svg: ReturnType<typeof draw>) =>
  [...svg.querySelectorAll('[aria-label="rule"] line')]
    .map((line) => Number(line.getAttribute('x2')) - Number(line.getAttribute('x1')))
    .filter((length) => length > 0);

test('the corrected land of each class has its interval, and that of the map below it; the largest is first', () => {
  const svg = draw(classes);
  const [largest] = barsIn(svg);
  const inHectares = (length: number) => Math.round((900 * length) / largest!);
  assert.deepEqual(barsIn(svg).map(inHectares), [900, 1000, 75, 50]);
  assert.deepEqual(intervalsIn(svg).map(inHectares), [200, 75]);
  for (const text of ['900 ha', '1,000 ha mapped', '75.0 ha']) assert.ok(textsIn(svg).includes(text), text);
  assert.match(String(svg.getAttribute('aria-label')), /forest 900 hectares \(800 to 1,000\), mapped 1,000; water/);
});

test('without truths there is the map alone', () => {
  const svg = draw(classes.map((one) => ({ ...one, corrected: null })));
  assert.equal(barsIn(svg).length, 2);
  assert.deepEqual(intervalsIn(svg), []);
  assert.ok(textsIn(svg).includes('1,000 ha'));
});
