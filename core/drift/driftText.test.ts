import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scenesText, segmentTexts, tooFewScenes } from './driftText.ts';

const of = (count: number, independentChips: number, needed: number | null) => ({
  scenes: { count, independentChips, needed },
});

test('a window of scenes says how many they are, and what they are worth', () => {
  assert.equal(scenesText(of(1, 1, 23)), '1 scene, which says as much as 1 independent chip');
  assert.equal(scenesText(of(3.26, 14.9, 23)), '3.3 scenes, which say as much as 15 independent chips');
  assert.equal(scenesText({}), null);
});

test('too few scenes say how many a verdict takes, unless the reference is too small for any', () => {
  const few = 'the chips of a scene are alike, and 3 scenes can pass the threshold by chance';
  assert.equal(tooFewScenes(of(3, 14, 1234)), `${few}: a verdict takes about 1,234 like these`);
  assert.equal(tooFewScenes(of(3, 14, null)), `${few}, as long as the window or the reference is of so few`);
  assert.equal(tooFewScenes({}), null);
});

test('too few scenes that count as one chip each, for want of a measurement, say which command measures', () => {
  const asOne = { scenes: { count: 3.2, independentChips: 3.2, needed: 23 } };
  assert.match(
    tooFewScenes(asOne)!,
    /a verdict takes about 23 like these, or a reference .*swath model profile --from-runs 30d/,
  );
});

test('a segment says that it drifts, and that fewer of its predictions are right than expected', () => {
  const accuracy = { n: 1200, share: 0.82, interval: [0.79, 0.85] as [number, number], shortfall: 0.04 };
  const segment = { by: 'sensor', name: 'S2B', drift: null, bands: ['B04'], accuracy };
  assert.deepEqual(segmentTexts([segment, { ...segment, bands: [], accuracy: { ...accuracy, shortfall: -0.01 } }]), [
    'Within sensor S2B, there is drift: B04.',
    'Within sensor S2B, too few are right: 82\u00a0% of 1,200 (79\u00a0% to 85\u00a0%), below the expected.',
  ]);
});
