import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { calibrationOf } from './calibration.ts';
import { estimateAccuracy } from './estimateAccuracy.ts';
import {
  addReliabilityBins,
  BINS,
  countChip,
  noReliabilityBins,
  type ReliabilityBins,
  reliabilityBinsSchema,
} from './reliabilityBins.ts';

/** What NannyML and scikit-learn say: vectors.py makes the file. */
const vectors: {
  cbpe: {
    reference: { chips: number; right: number };
    windows: { probabilities: number[]; value: number; samplingError: number; interval: [number, number] }[];
  };
  errors: {
    name: string;
    probabilities: number[];
    right: number[];
    bins: { chips: number; probability: number; share: number }[];
    error: number;
  }[];
} = JSON.parse(readFileSync(new URL('calibration.vectors.json', import.meta.url), 'utf8'));

function close(found: number, expected: number, tolerance = 1e-9): void {
  assert.ok(Math.abs(found - expected) <= tolerance, `${found} is not ${expected}`);
}

describe('accuracy that is estimated without truth', () => {
  for (const { probabilities, value, samplingError, interval } of vectors.cbpe.windows)
    test(`equals NannyML's for ${probabilities.length} predictions`, () => {
      const probabilitySum = probabilities.reduce((sum, one) => sum + one, 0);
      const found = estimateAccuracy({ n: probabilities.length, probabilitySum }, vectors.cbpe.reference)!;
      close(found.value, value);
      close(found.samplingError, samplingError);
      for (const [i, end] of interval.entries()) close(found.interval[i]!, end);
    });

  test('has an interval within 0 and 1, and is null if nothing was predicted', () => {
    const most = estimateAccuracy({ n: 1, probabilitySum: 0.9 }, { chips: 4, right: 3 })!;
    assert.deepEqual(most.interval, [0, 1]);
    assert.equal(estimateAccuracy({ n: 0, probabilitySum: 0 }, { chips: 4, right: 3 }), null);
  });
});

describe('the calibration error', () => {
  for (const { name, probabilities, right, bins, error } of vectors.errors)
    test(`equals that of scikit-learn's bins: ${name}`, () => {
      const found = calibrationOf(binsOf(probabilities, right))!;
      close(found.error, error, 1e-12);
      assert.equal(found.chips, probabilities.length);
      assert.deepEqual(
        found.bins.map(({ chips }) => chips),
        bins.map(({ chips }) => chips),
      );
      for (const [i, { probability, share }] of bins.entries()) {
        close(found.bins[i]!.probability, probability, 1e-12);
        close(found.bins[i]!.share, share, 1e-12);
      }
    });

  test('is null if the truth of no chip is known', () => {
    assert.equal(calibrationOf(noReliabilityBins()), null);
  });
});

const chip = fc.tuple(fc.double({ min: -1e-3, max: 1 + 1e-3, noNaN: true }), fc.constantFrom(0, 1));

test('bins add up, whichever way chips are parted, and each chip is in the bin of its probability', () => {
  fc.assert(
    fc.property(fc.array(chip), fc.array(chip), (ones, others) => {
      const of = (chips: readonly (readonly [number, number])[]) =>
        binsOf(
          chips.map(([probability]) => probability),
          chips.map(([, right]) => right),
        );
      const [together, added] = [of([...ones, ...others]), addReliabilityBins(of(ones), of(others))];
      const counted = (bins: ReliabilityBins) => bins.map(([bin, chips, right]) => [bin, chips, right]);
      assert.deepEqual(counted(added), counted(together));
      for (const [i, [, , , sum]] of together.entries()) close(added[i]![3], sum, 1e-12);
      assert.deepEqual(
        together.map(([bin]) => bin),
        [...new Set(together.map(([bin]) => bin))].toSorted((one, other) => one - other),
      );
      for (const [probability] of ones) {
        const { from, to } = calibrationOf(of([[probability, 1]]))!.bins[0]!;
        const within = Math.min(1, Math.max(0, probability));
        assert.ok(within >= from - 1e-12 && within <= to + 1e-12);
      }
    }),
  );
});

test('bins are stored as JSON without loss, and the JSON is always short', () => {
  const full = [123_456_789, 98_765_432, 12_345_678.123456789] as const;
  const bins = Array.from({ length: BINS }, (_, bin): ReliabilityBins[number] => [bin, ...full]);
  const text = JSON.stringify(bins);
  const read = (json: string) => reliabilityBinsSchema.parse(JSON.parse(json));
  assert.deepEqual(read(text), bins);
  assert.ok(text.length <= 800, `${text.length} letters`);
  assert.equal(JSON.stringify(noReliabilityBins()), '[]');
  assert.deepEqual(read('[]'), noReliabilityBins());
  assert.throws(() => read('[[15,1,1,1]]'));
});

function binsOf(probabilities: readonly number[], right: readonly number[]) {
  const bins = noReliabilityBins();
  for (const [i, probability] of probabilities.entries()) countChip(bins, probability, right[i] === 1);
  return bins;
}
