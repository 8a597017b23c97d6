import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alphaOf, alphaOfVerdict, chanceOfVerdict } from './chanceOfVerdict.ts';

const profile = [] as never;

test('the false alarms of a year are shared out over its days and the verdicts that a package has', () => {
  assert.equal(chanceOfVerdict({}), 4 / 365 / 2);
  assert.equal(chanceOfVerdict({ profile }, 4), 4 / 365 / 3);
  assert.equal(chanceOfVerdict({ profile, expectedAccuracy: 0.9 }, 1), 1 / 365 / 5);
  assert.equal(chanceOfVerdict({ profile, segments: { sensor: ['S2?'] } }), 4 / 365 / 5);
  assert.equal(chanceOfVerdict({ expectedAccuracy: 0.9, segments: { sensor: ['S2?'] } }), 4 / 365 / 7);
  const chipSegments = { crop: { column: 'crop', values: ['maize'] } };
  assert.equal(chanceOfVerdict({ profile, chipSegments }), 4 / 365 / 4); // of chips alone, no bands are known
  assert.equal(chanceOfVerdict({ profile, expectedAccuracy: 0.9, chipSegments }), 4 / 365 / 8);
});

test('chance passes the noise floor of scenes as often as a verdict allows, at most in 1 %, and that of independent chips in 1 %', () => {
  assert.equal(alphaOf({ unit: 'scene', profile }, {}), 4 / 365 / 3);
  assert.equal(alphaOf({ unit: 'scene' }, { falseAlarmsPerYear: 36 }), 0.01);
  assert.equal(alphaOf({ unit: 'chip' }, { falseAlarmsPerYear: 1, share: 0.5 }), 0.005);
});

test('chance is left a part for each scene with which a window is judged anew, of three at most, where it is known how alike scenes are', () => {
  const clustering = { scenes: 40, chips: 30, exponent: 0.5, degreesOfFreedom: 3 };
  for (const [scenes, looks] of [
    [undefined, 1],
    [0.9, 1],
    [2, 2],
    [3, 3],
    [30, 3],
  ] as const) {
    assert.equal(alphaOf({ unit: 'scene', profile, clustering }, {}, scenes), 4 / 365 / 3 / looks);
    assert.equal(alphaOf({ unit: 'scene', profile }, {}, scenes), 4 / 365 / 3);
    assert.equal(alphaOf({ unit: 'chip', profile, clustering }, {}, scenes), 0.01);
    assert.equal(alphaOfVerdict({ unit: 'scene', profile, clustering }, {}, scenes), 4 / 365 / 3 / looks);
  }
});

test('a verdict on independent chips is left a tenth of its chance, as each of their files is another look; one on a segment its share', () => {
  assert.equal(alphaOfVerdict({ unit: 'chip', profile }, {}), 4 / 365 / 3 / 10);
  assert.equal(alphaOfVerdict({ unit: 'chip', profile }, { falseAlarmsPerYear: 2, share: 0.5 }), 0.005);
  assert.equal(alphaOfVerdict({ unit: 'chip' }, { falseAlarmsPerYear: 365 }), 0.01);
});
