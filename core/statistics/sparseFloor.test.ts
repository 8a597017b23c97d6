import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sfc32 } from '../../replay/sfc32.ts';
import { drawn } from '../../test/benches/draws.ts';
import { jensenShannonDistance } from './jensenShannon.ts';
import { measureDrift } from './measureDrift.ts';
import { noiseFloor, spreadOfClasses } from './noiseFloor.ts';
import { isSparse, sparseFloor } from './sparseFloor.ts';

const REFERENCES = {
  'of four classes': [6002, 1511, 1512, 975],
  'of ten even ones': new Array<number>(10).fill(1000),
  'with rare ones': [9000, 700, 200, 100],
  'of two': [9000, 1000],
};

describe('the noise floor of a sample with rare classes', () => {
  for (const [what, reference] of Object.entries(REFERENCES))
    for (const n of [2, 10, 20, 50])
      test(`of ${n} chips is passed in about 1 of 100 trials at most, by a reference ${what}`, () => {
        const random = sfc32(n, reference.length, 1);
        const floor = sparseFloor(n, reference, 0.01);
        let passed = 0;
        const trials = 5000;
        for (let trial = 0; trial < trials; trial += 1) {
          if (jensenShannonDistance(drawn(reference, n, random), reference) > floor) passed += 1;
        }
        assert.ok(passed <= 0.016 * trials, `${passed} of ${trials}`);
      });

  for (const shares of [
    [9, 0.5, 0.5],
    [5, 4, 1],
    [60, 38, 2],
  ])
    test(`of 25 chips is no wider than it has to be, by a large reference of ${shares.join(' : ')}`, () => {
      const random = sfc32(25, 3, 1);
      const reference = shares.map((share) => share * 100_000);
      const floor = sparseFloor(25, reference, 0.01);
      let passed = 0;
      for (let trial = 0; trial < 5000; trial += 1)
        if (jensenShannonDistance(drawn(reference, 25, random), reference) > floor) passed += 1;
      assert.ok(passed >= 15 && passed <= 80, `${passed} of 5000`);
    });

  const hundred = {
    even: Array.from({ length: 100 }, () => 200),
    'of Zipf': Array.from({ length: 100 }, (_, i) => 4000 / (i + 1)),
  };
  for (const [what, reference] of Object.entries(hundred))
    for (const n of [200, 300, 500, 1000])
      test(`of ${n} chips is passed in 2 of 100 trials at most, by a reference of a hundred ${what}, and is no more than a tenth above what is`, () => {
        const random = sfc32(n, 100, 2);
        const floor = sparseFloor(n, reference, 0.01);
        const distances = Array.from({ length: 300 }, () =>
          jensenShannonDistance(drawn(reference, n, random), reference),
        );
        assert.ok(distances.filter((one) => one > floor).length <= 6);
        assert.ok(Math.max(...distances) > floor / 1.1);
      });

  test('of two classes is that of the binomial distribution', () => {
    // Of 10 chips with a share of 0.1 each, 4 or more of the rare class have 0.0128, and 5 or more 0.0016: scipy.stats.binom.sf([3, 4], 10, 0.1).
    const floor = jensenShannonDistance([4, 6], [1000, 9000]) * Math.sqrt(1 + 10 / 10_000);
    assert.ok(Math.abs(sparseFloor(10, [9000, 1000], 0.01) - floor) < 1e-12);
    assert.ok(sparseFloor(200, [9999, 1], 0.01) > 0);
  });

  test('is that of the limit as soon as enough of the rarest class are to be expected, and of scenes', () => {
    const reference = [600, 150, 150, 100];
    assert.deepEqual([isSparse(74, reference), isSparse(75, reference), isSparse(201, [999, 1])], [true, false, true]);
    const floorOf = (n: number) => measureDrift({ counts: [n, 0, 0, 0], reference, isExact: true })!.noiseFloor;
    assert.equal(floorOf(75), noiseFloor({ n: 75, reference: 1000 }, spreadOfClasses(4)));
    assert.equal(floorOf(20), sparseFloor(20, reference, 0.01));
    const sizes = { n: 20, reference: 1000 };
    assert.equal(
      measureDrift({ counts: [20, 0, 0, 0], reference, sizes, isExact: true })!.noiseFloor,
      noiseFloor(sizes, spreadOfClasses(4)),
    );
  });
});
