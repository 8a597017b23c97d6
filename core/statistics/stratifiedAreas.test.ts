import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sfc32 } from '../../replay/sfc32.ts';
import { stratifiedAreas } from './stratifiedAreas.ts';

describe('the areas of classes', () => {
  test('and their 95 % margins are those that Olofsson et al. (2014) print, in hectares of 900,000', () => {
    const known = [
      [66, 0, 5, 4],
      [0, 55, 8, 12],
      [1, 0, 153, 11],
      [2, 1, 9, 313],
    ];
    const found = stratifiedAreas([0.02, 0.015, 0.32, 0.645], known);
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

  test('of which no place is known are as mapped, and an interval stays within 0 and 1', () => {
    const found = stratifiedAreas(
      [0.9, 0.1],
      [
        [10, 0],
        [0, 0],
      ],
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

  for (const places of [50, 200, 1000])
    test(`are within their intervals in 93 to 98 of 100 simulated maps of four classes, with ${places} known places; the map's own shares far less often`, () => {
      const random = sfc32(places, 1, 1);
      const pick = (shares: readonly number[]) => {
        let [left, place] = [random(), 0];
        while (left >= shares[place]! && place < shares.length - 1) {
          left -= shares[place]!;
          place += 1;
        }
        return place;
      };
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
        const known = mapped.map(() => mapped.map(() => 0));
        for (let place = 0; place < places; place += 1) {
          const i = pick(mapped);
          known[i]![pick(truths[i]!)]! += 1;
        }
        for (const [
          j,
          {
            interval: [low, high],
          },
        ] of stratifiedAreas(mapped, known).entries()) {
          if (low <= truth[j]! && truth[j]! <= high) covered[j]! += 1;
          const margin = 1.96 * Math.sqrt((mapped[j]! * (1 - mapped[j]!)) / places);
          if (Math.abs(mapped[j]! - truth[j]!) <= margin) mappedCovered[j]! += 1;
        }
      }
      const all = covered.reduce((sum, one) => sum + one, 0) / 4;
      assert.ok(covered.every((one) => one >= 920 && one <= 985) && all >= 930 && all <= 975, covered.join(', '));
      if (places >= 200)
        assert.ok(
          mappedCovered.every((one) => one <= 900),
          mappedCovered.join(', '),
        );
    });
});
