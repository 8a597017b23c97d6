import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseChance } from './chance.ts';

const PICTURES = { source: { height: 16, width: 16 } };
const ROWS = { source: { height: 1, width: 1 } };
const SCENES = { scenes: 48.2, chips: 100, exponent: 0.31, degreesOfFreedom: 2.6 };

describe('what is independent by chance', () => {
  test('is each scene of pictures and each row of numbers, unless the package says otherwise', () => {
    assert.equal(parseChance({}, PICTURES).unit, 'scene');
    assert.equal(parseChance({}, ROWS).unit, 'chip');
    assert.equal(parseChance({ unit: 'chip' }, PICTURES).unit, 'chip');
    const scenes = { of: 'files', ...SCENES };
    assert.partialDeepStrictEqual(parseChance({ unit: 'scene', scenes }, ROWS), { unit: 'scene', clustering: SCENES });
  });

  test('the effects that matter have defaults, of which a package may set one', () => {
    assert.deepEqual(parseChance({}, ROWS).effect, { meanShift: 0.3, gain: 0.1 });
    assert.deepEqual(parseChance({ effect: { gain: 0.2 } }, ROWS).effect, { meanShift: 0.3, gain: 0.2 });
  });

  for (const [json, says] of [
    [{ unit: 'pixel' }, /unit: found "pixel", allowed is "chip" or "scene"/],
    [{ scenes: { ...SCENES, exponent: 1.5 } }, /scenes\.exponent: found 1\.5, allowed is a number from 0 to 1/],
    [{ scenes: { ...SCENES, scenes: 1 } }, /scenes\.scenes: found 1, allowed is a number from 2 to 1,000,000/],
    [
      { scenes: { ...SCENES, degreesOfFreedom: 1e300 } },
      /degreesOfFreedom: found 1e\+300, allowed is a number from 1 to 10,000/,
    ],
    [{ effect: { gain: 0 } }, /effect\.gain: found 0, allowed is a number from 0\.001 to 1,000/],
    [{ scenes: 3 }, /scenes: found 3, allowed is an object with "scenes", "chips", "exponent" and "degreesOfFreedom"/],
  ] as const)
    test(`is refused: ${JSON.stringify(json)}`, () => assert.throws(() => parseChance(json, PICTURES), says));
});
