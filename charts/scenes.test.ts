import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { document, elementOf } from '../test/benches/chart.ts';
import { type DatedScene, scenesChart } from './scenes.ts';

const sceneOf = (time: string, drift = 0.1): DatedScene => ({ file: 'a.tif', time, drift, isDrifting: drift > 0.25 });
const draw = (scenes: DatedScene[]) => elementOf(scenesChart(scenes, { document }));
const textsIn = (svg: ReturnType<typeof draw>) =>
  [...svg.querySelectorAll('text')].map(({ textContent }) => textContent);

describe('the chart of scenes', () => {
  test('has a dot for each, from left to right in time, and another colour for one that drifts', () => {
    const svg = draw([sceneOf('2018-06-01T10:00:00.000Z', 0.5), sceneOf('2018-01-06')]);
    const dots = [...svg.querySelectorAll('[aria-label="dot"] circle')];
    const [late, early] = dots.map((dot) => Number(dot.getAttribute('cx')));
    assert.ok(dots.length === 2 && early! < late!);
    assert.notEqual(dots[0]!.getAttribute('fill'), dots[1]!.getAttribute('fill'));
    assert.equal(svg.getAttribute('aria-label'), 'Drift of 2 scenes, from 2018-01-06 to 2018-06-01');
  });

  test('has months with their years where it spans several, and days where it does not', () => {
    assert.ok(
      textsIn(draw([sceneOf('2015-06-01'), sceneOf('2026-03-01')])).some((text) =>
        /^[A-Z][a-z]{2} 20\d\d$/.test(text!),
      ),
    );
    assert.ok(textsIn(draw([sceneOf('2018-06-01'), sceneOf('2018-06-09')])).includes('Jun 9'));
  });

  test('may have none', () => assert.equal(draw([]).querySelectorAll('circle').length, 0));
});
