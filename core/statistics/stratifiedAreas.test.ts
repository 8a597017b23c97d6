import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sfc32 } from '../../replay/sfc32.ts';
import { drawn, placesOf } from '../../test/benches/draws.ts';
import { stratifiedAreas } from './stratifiedAreas.ts';

describe('the areas of classes', () => {
  const known = [
    [66, 0, 5, 4],
    [0, 55, 8, 12],
    [1, 0, 153, 11],
    [2, 1, 9, 313],
  ];

  test('and their 95 % margins are those that Olofsson et al. (2014) print, in hectares of 900,000', () => {
    const found = stratifiedAreas([0.02, 0.015, 0.32, 0.645], placesOf(known));
    assert.deepEqual(
      found.map(({ share, standardError }) => [share, 1.96 * standardError].map((one) => Math.round(900_000 * one))),
      [
        [21_158, 6158],
        [11_686, 3756],
        [285_770, 15_510],
        [581_386, 16_282],
      ],
    );
  });

  test('have the standard errors that samplics gives for strata', () => {
    // samplics 0.6: TaylorEstimator(PopParam.mean).estimate(y=isOfClass, samp_weight=weight[mapped] / n[mapped], stratum=mapped)
    const errors = [0.003490722441081, 0.002129153075726, 0.008792424205322, 0.009229963918506];
    for (const [j, { standardError }] of stratifiedAreas([0.02, 0.015, 0.32, 0.645], placesOf(known)).entries())
      assert.ok(Math.abs(standardError - errors[j]!) < 1e-12, `${standardError}`);
  });

  test('of which no place is known are as mapped, and an interval stays within 0 and 1', () => {
    const found = stratifiedAreas(
      [0.9, 0.1],
      placesOf([
        [10, 0],
        [0, 0],
      ]),
    );
    assert.deepEqual(
      found.map(({ share, standardError }) => [share, standardError]),
      [
        [0.9, 0],
        [0.1, 0],
      ],
    );
    for (const { share, interval } of found)
      assert.ok(0 < interval[0] && interval[0] < share && share < interval[1] && interval[1] < 1);
  });

  test('are the same of places of any one size, and weigh larger places more, as fewer of them', () => {
    const mapped = [0.02, 0.015, 0.32, 0.645];
    assert.deepEqual(stratifiedAreas(mapped, placesOf(known, 3)), stratifiedAreas(mapped, placesOf(known)));
    // Of one stratum, 100 places of 1 ha, of which 20 are wrong, and 50 of 4 ha, of which 1 is: 24 of 300 ha.
    const ofTwo = { chips: 150, land: { '0 0': 276, '0 1': 24 }, squares: [50 * 16 + 100, 0] };
    const [first] = stratifiedAreas([1, 0], ofTwo);
    const n = 300 ** 2 / 900;
    assert.ok(Math.abs(first!.share - 276 / 300) < 1e-12);
    assert.ok(Math.abs(first!.standardError - Math.sqrt(((276 / 300) * (24 / 300)) / (n - 1))) < 1e-12);
  });

  test('are not certain where a few places of the only class mapped are right: rather more than 3 / n may be of another', () => {
    for (const [n, most] of [
      [10, 0.45],
      [50, 0.14],
      [100, 0.075],
    ] as const) {
      const [mapped, other] = stratifiedAreas([1, 0], { chips: n, land: { '0 0': n }, squares: [n, 0] });
      assert.deepEqual([mapped!.share, mapped!.interval[1], other!.share, other!.interval[0]], [1, 1, 0, 0]);
      assert.ok(3 / n < other!.interval[1] && other!.interval[1] < most, `${n}: ${other!.interval[1]}`);
      assert.ok(Math.abs(mapped!.interval[0] + other!.interval[1] - 1) < 1e-12);
    }
  });

  for (const [places, least] of [
    [10, 900],
    [20, 900],
    [50, 945],
    [100, 930],
  ] as const)
    test(`are within their intervals in ${least / 10} of 100 samples of ${places} places of a map of one class, of which 5 % are of another`, () => {
      const random = sfc32(places, 7, 1);
      let covered = 0;
      for (let sample = 0; sample < 2000; sample += 1) {
        const [right, wrong] = drawn([0.95, 0.05], places, random) as [number, number];
        const [low, high] = stratifiedAreas(
          [1, 0],
          placesOf([
            [right, wrong],
            [0, 0],
          ]),
        )[1]!.interval;
        if (low <= 0.05 && 0.05 <= high) covered += 1;
      }
      assert.ok(covered >= 2 * least, `${covered}`);
    });

  for (const places of [50, 200, 1000])
    test(`are within their intervals in 93 to 97.5 of 100 simulated maps of four classes, with ${places} known places; the map's own shares in at most 80`, () => {
      const random = sfc32(places, 1, 1);
      const dealt = (weights: readonly number[]) => {
        const parts = weights.map((weight) => -weight * Math.log(1 - random()));
        const total = parts.reduce((sum, part) => sum + part, 0);
        return parts.map((part) => part / total);
      };
      const [maps, covered, mappedCovered] = [1000, [0, 0, 0, 0], [0, 0, 0, 0]];
      for (let map = 0; map < maps; map += 1) {
        const mapped = dealt([6, 2, 1.5, 0.8]);
        const truths = mapped.map((_, i) => dealt(mapped.map((__, j) => (i === j ? 8 : 0.5))));
        const truth = mapped.map((_, j) => mapped.reduce((sum, weight, i) => sum + weight * truths[i]![j]!, 0));
        const sampled = drawn(mapped, places, random);
        const known = sampled.map((count, i) => drawn(truths[i]!, count, random));
        for (const [
          j,
          {
            interval: [low, high],
          },
        ] of stratifiedAreas(mapped, placesOf(known)).entries()) {
          if (low <= truth[j]! && truth[j]! <= high) covered[j]! += 1;
          const margin = 1.96 * Math.sqrt((mapped[j]! * (1 - mapped[j]!)) / places);
          if (Math.abs(mapped[j]! - truth[j]!) <= margin) mappedCovered[j]! += 1;
        }
      }
      assert.ok(
        covered.every((one) => one >= 930 && one <= 975),
        covered.join(', '),
      );
      assert.ok(
        mappedCovered.every((one) => one <= 800),
        mappedCovered.join(', '),
      );
    });
});
