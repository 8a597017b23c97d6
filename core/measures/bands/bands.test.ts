import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { bundledChips, profileOf, scaled, sumsOf } from '../../../test/benches/bandChips.ts';
import { modelOf } from '../../../test/benches/predictions.ts';
import { dataTypes, makePlane } from '../../arrays/dataTypes.ts';
import type { BandProfile } from '../../package/bandProfile.ts';
import { EFFECT } from '../../package/chance.ts';
import type { Chip, ModelPackage } from '../../package/package.ts';
import { addBandSums, type BandSum, valuesIn, varianceBetweenChips } from './bandSum.ts';
import { bandSumsOf, bandSumsText } from './bandSumsText.ts';
import { bands } from './bands.ts';
import vectors from './bands.vectors.json' with { type: 'json' };
import { makeProfiler, spreadOfChips } from './makeProfile.ts';
import { judgedBins, measureBands, strongestDrift } from './measureBands.ts';
import { PIXELS_PER_CHIP, sampledPixels, samplingOf, startOf } from './sampledPixels.ts';

const { profile: recorded } = vectors;
const PROFILE: BandProfile = { name: 'B1', source: 0, ...recorded };

/** A package of one band, of chips of so many rows and columns. */
function packageOf(
  dataType: ModelPackage['source']['bands'][number]['dataType'],
  height: number,
  width: number,
): ModelPackage {
  const band = { name: 'B1', dataType, bytesPerChip: 0, commonName: null };
  return { ...modelOf([]), source: { height, width, bands: [band] }, profile: [PROFILE] };
}

const chipOf = (plane: Chip['planes'][number], index = 0, more: Partial<Chip> = {}): Chip => ({
  place: { index, kind: 'index' },
  planes: [plane],
  truth: null,
  ...more,
});

function sumOf(model: ModelPackage, chips: readonly Chip[]): BandSum {
  const look = bands.look(model);
  for (const chip of chips) look.at(chip, false);
  return look.sum().bands![0]!;
}

function near(actual: number | null, expected: number, tolerance = 1e-12): void {
  const isNear = Math.abs(actual! - expected) <= tolerance * Math.max(1, Math.abs(expected));
  assert.ok(isNear, `${actual} is not ${expected}`);
}

const isHeld = (values: readonly number[], dataType: (typeof dataTypes)[number]) => {
  const plane = makePlane(dataType, values.length);
  plane.set(values);
  return values.every((value, i) => plane[i] === value);
};

describe('the sums of a band', () => {
  for (const { name, chips, ...expected } of vectors.moments)
    for (const dataType of dataTypes.filter((type) => isHeld(chips.flat(), type)))
      test(`have the mean and variance of values and of chip means, as with Python's fractions: ${name}, ${dataType}`, () => {
        const model = packageOf(dataType, 2, 2);
        const made = chips.map((values, index) => {
          const plane = makePlane(dataType, 4);
          plane.set(values);
          return chipOf(plane, index);
        });
        const sum = sumOf(model, made);
        assert.deepEqual([sum.chips, valuesIn(sum), sum.nodata], [chips.length, 4 * chips.length, 0]);
        assert.deepEqual([sum.minimum, sum.maximum], [Math.min(...chips.flat()), Math.max(...chips.flat())]);
        for (const key of ['mean', 'squares', 'chipMean', 'chipSquares'] as const) near(sum[key], expected[key], 1e-9);
      });

  test('have bins with their lower edge and without their upper one, except the last bin with both', () => {
    const model = packageOf('uint8', 2, 4);
    const sum = sumOf(model, [chipOf(Uint8Array.of(2, 3, 19, 20, 35, 36, 254, 255))]);
    assert.deepEqual(sum.counts, [1, 2, 2, 1, 0, 2, 0]);
    const floats = sumOf(packageOf('float32', 2, 4), [chipOf(Float32Array.of(2, 3, 19, 20, 35.25, 35.5, 256, 255))]);
    assert.deepEqual(floats.counts, [1, 2, 2, 1, 0, 1, 1]);
  });

  test('count pixels without data separately, not as values', () => {
    const valid = Uint8Array.of(1, 0, 1, 1);
    for (const dataType of ['uint8', 'uint16'] as const) {
      const plane = makePlane(dataType, 4);
      plane.set([10, 200, 20, 30]);
      const sum = sumOf(packageOf(dataType, 2, 2), [chipOf(plane, 0, { valid })]);
      assert.deepEqual([sum.nodata, valuesIn(sum), sum.mean, sum.maximum], [1, 3, 20, 30]);
    }
    const sum = sumOf(packageOf('float32', 2, 2), [chipOf(Float32Array.of(NaN, Infinity, 7, 9))]);
    assert.deepEqual([sum.nodata, valuesIn(sum), sum.mean], [2, 2, 8]);
  });

  test('count numbers beyond float32 as missing, since their squares would overflow', () => {
    const plane = Float64Array.of(-Number.MAX_VALUE, 1e200, -1e39, 7);
    const sum = sumOf(packageOf('float64', 2, 2), [chipOf(plane), chipOf(Float64Array.of(9, 9, 9, Infinity), 1)]);
    assert.deepEqual([sum.nodata, sum.mean, sum.minimum, sum.maximum], [4, 8.5, 7, 9]);
    const largest = (2 - 2 ** -23) * 2 ** 127;
    const chips = [-largest, largest].map((value, index) => chipOf(Float64Array.of(value, value, value, value), index));
    const wide = sumOf(packageOf('float64', 2, 2), chips);
    assert.deepEqual([wide.nodata, wide.minimum, wide.maximum], [0, -largest, largest]);
    const kept = bandSumsOf(bandSumsText([wide]))[0]!;
    assert.ok([kept.mean, kept.squares, kept.chipMean, kept.chipSquares].every(Number.isFinite), JSON.stringify(kept));

    const model = packageOf('float64', 2, 2);
    const profiler = makeProfiler(model, ['B1']);
    for (let index = 0; index < 20; index += 1) profiler.at(chipOf(Float64Array.of(-Number.MAX_VALUE, 1, 2, 3), index));
    assert.partialDeepStrictEqual(profiler.profile(), { B1: { mean: 2, nodata: 0.25 } });
  });

  test("have no value of a band's own nodata, where other bands hold data, and neither has a profile", () => {
    for (const dataType of ['uint8', 'uint16', 'float32'] as const) {
      const plane = makePlane(dataType, 4);
      plane.set([9, 9, 20, 30]);
      const model = packageOf(dataType, 2, 2);
      const sum = sumOf(model, [chipOf(plane, 0, { nodataOf: [9] })]);
      assert.deepEqual([sum.nodata, valuesIn(sum), sum.minimum, sum.mean], [2, 2, 20, 25], dataType);
      const profiler = makeProfiler(model, ['B1']);
      for (let index = 0; index < 20; index += 1) profiler.at(chipOf(plane, index, { nodataOf: [9] }));
      assert.partialDeepStrictEqual(profiler.profile(), { B1: { mean: 25, nodata: 0.5 } }, dataType);
      const none = sumOf(model, [chipOf(plane.fill(9), 0, { nodataOf: [9] })]);
      assert.deepEqual(none.violations, { 'missing band': 1 }, dataType);
    }
  });

  test('leave a chip without any data out of the mean of chips', () => {
    const nothing = chipOf(Float32Array.of(NaN, NaN, NaN, NaN));
    const sum = sumOf(packageOf('float32', 2, 2), [nothing, chipOf(Float32Array.of(5, 5, 5, 5), 1)]);
    assert.deepEqual([sum.chips, sum.nodata, sum.chipMean, varianceBetweenChips(sum)], [1, 4, 5, null]);
    const empty = sumOf(packageOf('float32', 2, 2), [nothing]);
    assert.deepEqual([empty.minimum, empty.maximum, valuesIn(empty)], [null, null, 0]);
  });

  test('are empty for blank chips, for chips that come with predictions, and for a package without a profile', () => {
    const model = packageOf('uint8', 2, 2);
    const look = bands.look(model);
    look.at(chipOf(Uint8Array.of(1, 2, 3, 4)), true);
    look.at({ ...chipOf(new Uint8Array()), planes: [] }, false);
    assert.deepEqual(look.sum(), {});
    const { profile: _, ...without } = model;
    const none = bands.look(without);
    none.at(chipOf(Uint8Array.of(1, 2, 3, 4)), false);
    assert.deepEqual(none.sum(), {});
  });

  test('of parts of the chips add up to the sums of all chips, in any order', () => {
    const value = fc.integer({ min: 0, max: 65_535 });
    const chips = fc.array(fc.array(value, { minLength: 4, maxLength: 4 }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(chips, fc.nat(12), (all, cut) => {
        const model = packageOf('uint16', 2, 2);
        const made = all.map((values, index) => chipOf(Uint16Array.from(values), index));
        const at = 1 + (cut % (made.length - 1));
        const [first, second] = [made.slice(0, at), made.slice(at)].map((some) => sumOf(model, some));
        const whole = sumOf(model, made);
        for (const added of [addBandSums(first!, second!), addBandSums(second!, first!)]) {
          assert.deepEqual([added.chips, added.counts, added.nodata], [whole.chips, whole.counts, whole.nodata]);
          assert.deepEqual([added.minimum, added.maximum], [whole.minimum, whole.maximum]);
          for (const key of ['mean', 'squares', 'chipMean', 'chipSquares'] as const) near(added[key], whole[key], 1e-9);
        }
      }),
      { seed: 1 },
    );
    assert.deepEqual(bands.add({}, {}), {});
    const sum = { bands: [sumOf(packageOf('uint8', 1, 1), [chipOf(Uint8Array.of(3))])] };
    assert.deepEqual([bands.add(sum, {}), bands.add({}, sum)], [sum, sum]);
  });
});

describe('the sampled pixels', () => {
  test('are all pixels of a small chip, and 32 of a larger one, each once, whatever the start', () => {
    assert.deepEqual(sampledPixels(samplingOf(3, 4), 0), [...Array(12).keys()]);
    const sizes = { 8: 9, 64: 64, 65: 65, 1: 1000, 1000: 1, 512: 512, 2: 32_768 };
    for (const [height, width] of Object.entries(sizes).map(([height, width]) => [Number(height), width] as const)) {
      const sampling = samplingOf(height, width);
      for (const index of [0, 1, 2, 1000, 2 ** 31 - 1]) {
        const pixels = sampledPixels(sampling, startOf(index, sampling));
        assert.equal(new Set(pixels).size, PIXELS_PER_CHIP);
        assert.ok(pixels.every((pixel) => Number.isInteger(pixel) && pixel >= 0 && pixel < height * width));
      }
    }
  });

  test('are those that the sums count', () => {
    for (const dataType of ['uint8', 'uint16'] as const) {
      const sampling = samplingOf(16, 16);
      for (const index of [0, 1, 7]) {
        const plane = makePlane(dataType, 256);
        for (const pixel of sampledPixels(sampling, startOf(index, sampling))) plane[pixel] = 77;
        const { minimum, counts } = sumOf(packageOf(dataType, 16, 16), [chipOf(plane, index)]);
        assert.deepEqual([minimum, counts], [77, [0, 0, 0, 0, PIXELS_PER_CHIP, 0, 0]]);
      }
    }
  });

  for (const [height, width = height] of [[64], [65], [120], [256], [32, 200]] as [number, number?][])
    test(`are spread evenly over quarters, and over eighths of the rows and columns: ${height} × ${width}`, () => {
      const sampling = samplingOf(height, width);
      const most = (parts: number[]) => Math.max(...parts.map((part) => parts.filter((one) => one === part).length));
      for (const index of [0, 1, 2, 3]) {
        const pixels = sampledPixels(sampling, startOf(index, sampling));
        const [rows, columns] = [pixels.map((one) => Math.floor(one / width)), pixels.map((one) => one % width)];
        const eighths = (of: number[], side: number) => of.map((one) => Math.floor((8 * one) / side));
        const quarter = (row: number, i: number) => [(2 * row) / height, (2 * columns[i]!) / width].map(Math.floor);
        assert.ok(most(rows.map((row, i) => quarter(row, i)).map(([down, across]) => 2 * down! + across!)) <= 11);
        assert.ok(most(eighths(rows, height)) <= 6);
        assert.ok(most(eighths(columns, width)) <= 6);
      }
    });

  test('estimate the means and shares of the sample as well as docs/decisions/0027-bands-are-watched.md says', async () => {
    const { model, chips } = await bundledChips('droughtwatch-baseline', 'droughtwatch/part-r-00012');
    const profile = profileOf(model, chips);
    const looked = sumsOf(model, profile, chips).bands!;
    for (const [i, { source, edges, deviation }] of profile.entries()) {
      const all = Float64Array.from(chips.flatMap(({ planes }) => [...planes[source]!])).sort();
      const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
      // No value is further from its chip's mean than from that of all, on average; 32 of each are drawn.
      const error = deviation / Math.sqrt(chips.length * PIXELS_PER_CHIP);
      assert.ok(Math.abs(looked[i]!.mean - mean) < 3 * error, `${profile[i]!.name}: ${looked[i]!.mean}, ${mean}`);
      const n = valuesIn(looked[i]!);
      for (const [bin, edge] of edges.entries()) {
        const isAbove = (value: number) => (bin === edges.length - 1 ? value > edge : value >= edge);
        const first = all.findIndex(isAbove);
        const share = (first === -1 ? all.length : first) / all.length;
        const found = looked[i]!.counts.slice(0, bin + 1).reduce((sum, count) => sum + count, 0) / n;
        const isNear = Math.abs(found - share) < 3 * Math.sqrt(0.25 / n);
        assert.ok(isNear, `${profile[i]!.name} below ${edge}: ${found}, ${share}`);
      }
    }
  });
});

describe('a window against its profile', () => {
  const moments = { nodata: 0, mean: 63.5, squares: 10, minimum: 0, maximum: 255, chipMean: 63.5 };
  const sumOfWindow = (counts: readonly number[], chips: number): BandSum => {
    const chipSquares = vectors.betweenChipsOfWindows ** 2 * (chips - 1);
    return { ...moments, chips, counts: [...counts], chipSquares };
  };

  for (const { name, counts, chips, ...expected } of vectors.windows)
    test(`has the distances and the noise floor that scipy computes: ${name}`, () => {
      const limits = { threshold: 0.25, minimum: 1 };
      const [found] = measureBands([sumOfWindow(counts, chips)], { profile: [PROFILE] }, limits);
      near(found!.jensenShannon, expected.jensenShannon);
      near(found!.wasserstein, expected.wasserstein);
      near(found!.noiseFloor, expected.noiseFloor);
      near(found!.meanShiftNoise, expected.meanShiftNoise);
      near(found!.meanShift, (63.5 - PROFILE.mean) / PROFILE.deviation);
    });

  for (const { shares, ...expected } of vectors.spreads)
    test(`has the spread of ${shares.length} chips that numpy's eigenvalues give`, () => {
      const found = spreadOfChips(shares, 64);
      near(found.valuesPerChip, expected.valuesPerChip, 1e-9);
      near(found.degreesOfFreedom, expected.degreesOfFreedom, 1e-9);
    });

  test('counts identical chips as one value for each sampled pixel, and no more', () => {
    const alike = [1, 2].map(() => [0.5, 0.5]);
    assert.deepEqual(spreadOfChips(alike, 64), { valuesPerChip: 64, degreesOfFreedom: 1 });
  });

  test('has half the noise with four times as many chips on both sides, and more noise with more bands', () => {
    const limits = { threshold: 0.25, minimum: 1 };
    const floorOf = (chips: number, profile = [PROFILE]) => {
      const sums = profile.map(() => sumOfWindow(vectors.windows[0]!.counts, chips));
      return measureBands(sums, { profile }, limits)[0]!.noiseFloor!;
    };
    const one = floorOf(50);
    near(floorOf(200, [{ ...PROFILE, chips: 4 * PROFILE.chips }]), one / 2);
    assert.ok(floorOf(50, [PROFILE, PROFILE]) > one);
  });

  test('verdicts', () => {
    const { counts } = vectors.windows.find(({ name }) => name === 'all below')!;
    const verdictOf = (chips: number, minimum = 1, threshold = 0.25, effect = { meanShift: 9, gain: 0.1 }) =>
      measureBands([sumOfWindow(counts, chips)], { profile: [PROFILE], effect }, { threshold, minimum })[0]!.verdict;
    assert.equal(verdictOf(300), 'drift');
    assert.equal(verdictOf(300, 1, 0.83), 'no drift');
    assert.equal(verdictOf(300, 1, 0.83, EFFECT), 'drift', 'by its mean');
    assert.equal(verdictOf(300, 301), 'not enough data');
    assert.equal(verdictOf(3), 'not enough data');
  });

  test('has no distance without values, and the strongest drift is that of a band with enough data', () => {
    const none = { ...sumOfWindow([0, 0, 0, 0, 0, 0, 0], 0), minimum: null, maximum: null };
    const limits = { threshold: 0.25, minimum: 1 };
    const [nothing] = measureBands([none], { profile: [PROFILE] }, limits);
    assert.deepEqual([nothing!.verdict, nothing!.jensenShannon], ['not enough data', null]);
    assert.equal(strongestDrift([nothing!]), null);
    assert.equal(strongestDrift(), null);
    const [quiet] = measureBands([sumOfWindow(vectors.windows[0]!.counts, 300)], { profile: [PROFILE] }, limits);
    const [far] = measureBands([sumOfWindow(vectors.windows[3]!.counts, 300)], { profile: [PROFILE] }, limits);
    assert.equal(strongestDrift([nothing!, far!, quiet!]), far!.jensenShannon);
  });

  test('drifts with any new value of a band that was constant in the profile', () => {
    const model = packageOf('uint8', 1, 1);
    const profiler = makeProfiler(model, ['B1']);
    for (let index = 0; index < 50; index += 1) profiler.at(chipOf(Uint8Array.of(7), index));
    const profile = [{ name: 'B1', source: 0, ...profiler.profile()['B1']! }];
    const verdictOf = (value: number) => {
      const chips = Array.from({ length: 300 }, (_, index) => chipOf(Uint8Array.of(value), index));
      const sum = sumOf({ ...model, profile }, chips);
      return measureBands([sum], { profile }, { threshold: 0.25, minimum: 1 })[0]!;
    };
    assert.equal([7, 8, 6].map((value) => verdictOf(value).verdict).join(), 'no drift,drift,drift');
    assert.equal(verdictOf(8).meanShift, null);
    assert.deepEqual(judgedBins([1, 2, 3]), [1, 2, 3]);
  });

  test('of a band that was constant in twenty scenes does not drift with one odd scene of three, but with three; in six scenes, chance explains those', () => {
    const moments = { deviation: 0, betweenChips: 0, valuesPerChip: 32, degreesOfFreedom: 1 };
    const verdictOf = (odd: number, scenes: number) => {
      const alike = { scenes, chips: 30, exponent: 1, degreesOfFreedom: 1 };
      const band = { name: 'B1', source: 0, chips: 30 * scenes, edges: [7, 8], counts: [960 * scenes], mean: 7 };
      const sum = { ...sumOfWindow([0, 960 * (3 - odd), 960 * odd], 90), mean: 7 };
      const profile = [{ ...band, ...moments, scenes: alike }];
      return measureBands([sum], { profile }, { threshold: 0.25, minimum: 1 }, 3)[0]!.verdict;
    };
    assert.deepEqual([verdictOf(1, 20), verdictOf(3, 20)], ['not enough data', 'drift']);
    assert.deepEqual([verdictOf(1, 6), verdictOf(3, 6)], ['not enough data', 'not enough data']);
  });
});

test('a profile has about equally many values in each bin, and each value in exactly one bin', async () => {
  const { model, chips } = await bundledChips('droughtwatch-baseline', 'droughtwatch/part-r-00012');
  const profile = profileOf(model, chips);
  const sums = sumsOf(model, profile, chips).bands!;
  // The same chips, under other numbers: other pixels of them.
  for (const [i, band] of profile.entries()) {
    assert.equal(band.chips, 79);
    const values = band.counts.reduce((sum, count) => sum + count, 0);
    assert.equal(values, 79 * PIXELS_PER_CHIP);
    if (band.name !== 'B9') assert.ok(Math.max(...band.counts) < values / 4, `${band.name}: ${band.counts}`);
    assert.ok(Math.abs(sums[i]!.mean - band.mean) < 0.06 * band.deviation);
    assert.ok(band.valuesPerChip > 1 && band.valuesPerChip < PIXELS_PER_CHIP);
  }
  const darker = chips.map((chip) => scaled(chip, 4, 0.7));
  const dark = sumsOf(model, profile, darker).bands!;
  const drift = measureBands(dark, { profile }, { threshold: 0.25, minimum: 1 });
  const drifting = drift.filter(({ verdict }) => verdict === 'drift');
  assert.equal(drifting.map(({ band }) => band).join(), 'B5');
});
