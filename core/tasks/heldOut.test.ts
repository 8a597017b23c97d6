import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHeldOut } from './readModelPackage.ts';

test('a package may say for how many held-out chips its model is right, with extra fields ignored', () => {
  assert.deepEqual(parseHeldOut({ calibration: { chips: 500, right: 412, temperature: 1.7 } }), {
    chips: 500,
    right: 412,
  });
  for (const meanProbability of [0.81, 0.99])
    assert.deepEqual(parseHeldOut({ calibration: { chips: 10, right: 9, meanProbability } }), { chips: 10, right: 9 });
  assert.equal(parseHeldOut({ classes: { a: 1 } }), undefined);
});

for (const [calibration, says] of [
  [{ chips: 0, right: 0 }, 'calibration.chips: found 0, allowed is a whole number, 1 or more'],
  [{ chips: 5, right: 6 }, 'calibration.right: found 6, allowed is no more than there are chips, 5'],
  [{ chips: 5, right: -1 }, 'calibration.right: found -1, allowed is a whole number, 0 or more'],
  [
    { chips: 100, right: 30, meanProbability: 0.95 },
    'calibration.meanProbability: found 0.95, allowed is at most 0.1 away from the share that is right, 30 of 100 chips; "swath model calibrate" measures both',
  ],
  [{ chips: 100, right: 90, meanProbability: '0.9' }, 'calibration.meanProbability: found "0.9", allowed is a number'],
  [{ chips: 5.5, right: 1 }, 'calibration.chips: found 5.5, allowed is a whole number, 0 or more'],
  [{ chips: 5, right: 5, threshold: 1.5 }, 'calibration.threshold: found 1.5, allowed is a number from 0 to 1'],
  [{ chips: 5 }, 'calibration.right: found nothing, allowed is a whole number, 0 or more'],
  ['good', 'calibration: found "good", allowed is an object with "chips" and "right"'],
] as const)
  test(`it is refused: ${JSON.stringify(calibration)}`, () => {
    assert.throws(() => parseHeldOut({ calibration }), { message: `reference.json: ${says}` });
  });

test('a package may have the threshold of its prediction sets', () => {
  const calibration = { chips: 500, right: 412, coverage: 0.9, threshold: 0.62 };
  assert.deepEqual(parseHeldOut({ calibration }), { chips: 500, right: 412, threshold: 0.62 });
});

test('a reference that is not an object is refused', () => {
  assert.throws(() => parseHeldOut([1]), { message: 'reference.json: the file: found [1], allowed is an object' });
});
