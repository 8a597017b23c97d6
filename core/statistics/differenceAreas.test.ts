import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sfc32 } from '../../replay/sfc32.ts';
import { added } from '../base/added.ts';
import { differenceAreas } from './differenceAreas.ts';
import { productsOf } from './meanOfScenes.ts';

type Chip = { readonly pixels: number; readonly differences: readonly number[] };

/** Only how truth and map differ matters, so all pixels are truly of the first class. */
function sampleOf(chips: readonly Chip[]) {
  const pixels = chips.reduce((sum, chip) => sum + chip.pixels, 0);
  const places = chips[0]!.differences.map((_, place) => place);
  const truth = places.map((place) => (place === 0 ? pixels : 0));
  const differences = places.map((place) => chips.reduce((sum, chip) => sum + chip.differences[place]!, 0));
  const units = places.map((place) =>
    chips.map((chip) => productsOf({ n: chip.pixels, sum: chip.differences[place]! })).reduce((a, b) => added(a, b)),
  );
  return { chips: chips.length, truth, predicted: truth.map((one, place) => one - differences[place]!), units };
}

const few = [
  [100, 5],
  [100, 0],
  [90, -3],
  [60, 12],
  [100, -8],
  [25, 1],
].map(([pixels, one]) => ({ pixels: pixels!, differences: [one!, -one!] }));

describe('the areas of classes of pixels', () => {
  test('are those of the map and the mean difference of the chips, with the standard error that samplics gives for a ratio', () => {
    // samplics 0.6: TaylorEstimator(PopParam.ratio).estimate(y=differences, x=pixels, samp_weight=1)
    const [ratio, error] = [0.014736842105263158, 0.036247277552229465];
    const [one, other] = differenceAreas([0.3, 0.7], sampleOf(few));
    assert.ok(Math.abs(one!.share - 0.3 - ratio) < 1e-15);
    assert.ok(Math.abs(other!.share - 0.7 + ratio) < 1e-15);
    for (const { standardError } of [one!, other!]) assert.ok(Math.abs(standardError - error) < 1e-15);
  });

  test('and their intervals stay within 0 and 1', () => {
    const lost = { pixels: 100, differences: [60, -60] };
    for (const { share, interval } of [
      [0.01, 0.99],
      [0.3, 0.7],
    ].flatMap((mapped) => [
      ...differenceAreas(mapped, sampleOf(few)),
      ...differenceAreas(mapped, sampleOf([lost, lost, lost, lost])),
      ...differenceAreas(mapped.toReversed(), sampleOf([lost, lost, lost, lost])),
    ]))
      assert.ok(0 <= interval[0] && interval[0] <= share && share <= interval[1] && interval[1] <= 1);
  });

  test('have an interval even if each pixel of a few chips is right; and of a single unit, it excludes nothing', () => {
    const right = { pixels: 100, differences: [0, 0] };
    const [one] = differenceAreas([0.3, 0.7], sampleOf([right, right, right, right]));
    assert.ok(one!.standardError === 0 && one!.interval[0] < 0.3 && 0.3 < one!.interval[1]);
    assert.deepEqual(
      differenceAreas([0.3, 0.7], sampleOf([right])).map(({ interval }) => interval),
      [
        [0, 1],
        [0, 1],
      ],
    );
  });

  test('of a class that is neither mapped nor known are not certain to be nothing, and less so of fewer chips', () => {
    const right = { pixels: 100, differences: [0, 0] };
    const [high, higher] = [30, 5].map((chips) => differenceAreas([1, 0], sampleOf(Array(chips).fill(right)))[1]!);
    assert.deepEqual([high!.share, high!.interval[0]], [0, 0]);
    assert.ok(high!.interval[1] > 0.05 && high!.interval[1] < 0.1, `${high!.interval}`);
    assert.ok(higher!.interval[1] > 0.5, `${higher!.interval}`);
  });

  test('of two units of which one has nearly all pixels exclude nothing', () => {
    const [large, small] = [100_000, 100].map((pixels) => ({ pixels, differences: [0, 0] }));
    for (const { interval } of differenceAreas([0.6, 0.4], sampleOf([large!, small!])))
      assert.deepEqual(interval, [0, 1]);
  });

  for (const [known, least] of [
    [30, 885],
    [100, 925],
    [300, 935],
  ] as const)
    test(`are within their intervals in ${least / 10} to 97.5 of 100 samples of ${known} chips, in which whole fields are mistaken; by pixels alone they would be in at most 20`, () => {
      const random = sfc32(known, 2, 1);
      const between = (low: number, high: number) => low + Math.floor(random() * (high - low));
      // Chips of up to 1,024 pixels of three classes, in fields. Half of the time, some of the first is mapped as the second, or of the third.
      const land = Array.from({ length: 20_000 }, () => {
        const pixels = between(600, 1025);
        const first = random() < 0.5 ? between(0, pixels) : 0;
        const third = between(0, pixels - first + 1);
        const truth = [first, pixels - first - third, third];
        const [wrong, other] = [first, third].map((field) => (random() < 0.5 ? between(0, field + 1) : 0)) as [
          number,
          number,
        ];
        return { pixels, truth, differences: [wrong, other - wrong, -other] };
      });
      const sum = (of: (chip: (typeof land)[number]) => number) => land.reduce((all, chip) => all + of(chip), 0);
      const all = sum(({ pixels }) => pixels);
      const truth = [0, 1, 2].map((place) => sum((chip) => chip.truth[place]!) / all);
      const mapped = [0, 1, 2].map((place) => truth[place]! - sum((chip) => chip.differences[place]!) / all);
      const [covered, byPixels] = [
        [0, 0, 0],
        [0, 0, 0],
      ];
      for (let round = 0; round < 1000; round += 1) {
        const sample = sampleOf(Array.from({ length: known }, () => land[between(0, land.length)]!));
        for (const [place, { share, interval }] of differenceAreas(mapped, sample).entries()) {
          if (interval[0] <= truth[place]! && truth[place]! <= interval[1]) covered[place]! += 1;
          const margin = 1.96 * Math.sqrt((share * (1 - share)) / sample.truth[0]!);
          if (Math.abs(share - truth[place]!) <= margin) byPixels[place]! += 1;
        }
      }
      assert.ok(
        covered.every((one) => one >= least && one <= 975),
        covered.join(', '),
      );
      assert.ok(
        byPixels.every((one) => one <= 200),
        byPixels.join(', '),
      );
    });
});
