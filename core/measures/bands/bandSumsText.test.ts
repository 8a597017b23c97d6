import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { bundledChips, profileOf, sumsOf } from '../../../test/benches/bandChips.ts';
import { MAX_PROFILE_BANDS, MAX_PROFILE_BINS } from '../../base/limits.ts';
import { type BandSum, VIOLATIONS } from './bandSum.ts';
import { bandSumsOf, bandSumsText } from './bandSumsText.ts';
import { readDigits, writeDigits } from './digits.ts';

const isNear = (actual: number, expected: number, most: number) =>
  assert.ok(Math.abs(actual - expected) <= most, `${actual} is further than ${most} from ${expected}`);

/** What is read holds what was written, as exactly as `bandSumsText` says. */
function assertKept(read: BandSum, sum: BandSum): void {
  assert.deepEqual(
    [read.chips, read.nodata, read.counts, read.violations],
    [sum.chips, sum.nodata, sum.counts, sum.violations],
  );
  if (sum.minimum === null || sum.maximum === null) {
    assert.deepEqual([read.minimum, read.maximum, read.mean, read.squares], [null, null, 0, 0]);
    return;
  }
  const isWhole = Number.isInteger(sum.minimum) && Number.isInteger(sum.maximum);
  for (const name of ['minimum', 'maximum'] as const)
    isNear(read[name]!, sum[name]!, isWhole ? 0 : Math.abs(sum[name]!) * 5.001e-6);
  const range = sum.maximum - sum.minimum;
  const values = sum.counts.reduce((all, one) => all + one, 0);
  const rounded = isWhole ? 0 : Math.max(Math.abs(sum.minimum), Math.abs(sum.maximum)) * 5.001e-6;
  const step = range / (2 * 8192 * sum.chips) + rounded;
  isNear(read.mean, sum.mean, step * 1.001 + 1e-9 * range);
  isNear(read.chipMean, sum.chipMean, step * 1.001 + 1e-9 * range);
  // Half a step of the most that there can be, and what the mean's own rounding moves that by.
  const ofSquares = (n: number) => n * range * (range / 4 / 2 / 256 / sum.chips + step * 1.001 + 2 * rounded) * 1.01;
  isNear(read.squares, sum.squares, ofSquares(values));
  isNear(read.chipSquares, sum.chipSquares, ofSquares(sum.chips));
}

const { model, chips } = await bundledChips('droughtwatch-baseline', 'droughtwatch/part-r-00012');
const profile = profileOf(model, chips);

describe('the sums of a run as text', () => {
  test('have less than 160 letters for one chip of eleven 8-bit bands, and only round the means', () => {
    for (const chip of chips) {
      const sums = sumsOf(model, profile, [chip]).bands!;
      const text = bandSumsText(sums);
      assert.ok(text.length < 160, `${text.length} letters`);
      assert.match(text, /^[\w-]+$/);
      for (const [i, read] of bandSumsOf(text).entries()) {
        assertKept(read, sums[i]!);
        isNear(read.mean, sums[i]!.mean, 1e-9); // a sum of 32 bytes is one of 8,161
        assert.deepEqual([read.chipMean, read.chipSquares], [read.mean, 0]);
      }
    }
  });

  test('are preserved within rounding for any chips', () => {
    const number = fc.oneof(fc.integer({ min: -70_000, max: 70_000 }), fc.double({ min: -1e9, max: 1e9, noNaN: true }));
    const counts = fc.array(fc.nat(500), { minLength: 3, maxLength: 16 });
    const one = fc
      .record({ chips: fc.integer({ min: 1, max: 900 }), nodata: fc.nat(9999), counts, a: number, b: number })
      .chain(({ a, b, ...about }) => {
        const [minimum, maximum] = [Math.min(a, b), Math.max(a, b)];
        const share = fc.double({ min: 0, max: 1, noNaN: true });
        const broken = fc.subarray([...VIOLATIONS]);
        return fc.record({ mean: share, squares: share, chipMean: share, chipSquares: share, broken }).map((of) => {
          const values = about.counts.reduce((all, count) => all + count, 0);
          const at = (place: number) => Math.min(maximum, minimum + (maximum - minimum) * place);
          const isWhole = Number.isInteger(minimum) && Number.isInteger(maximum) && values > 0;
          const mean = isWhole ? Math.round(at(of.mean) * values) / values : at(of.mean);
          const chipMean = about.chips === 1 ? mean : at(of.chipMean);
          const most = (n: number, center: number) => n * (maximum - center) * (center - minimum);
          const violations = Object.fromEntries(of.broken.map((name) => [name, 1]));
          const sum: BandSum = {
            ...about,
            minimum,
            maximum,
            mean,
            chipMean,
            squares: of.squares * Math.max(0, most(values, mean)),
            chipSquares: about.chips === 1 ? 0 : of.chipSquares * Math.max(0, most(about.chips, chipMean)),
            ...(of.broken.length > 0 && { violations }),
          };
          const none = { minimum: null, maximum: null, mean: 0, squares: 0, chipMean: 0, chipSquares: 0 };
          return values === 0 ? { ...sum, ...none } : sum;
        });
      });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 5 }), (sums) => {
        const read = bandSumsOf(bandSumsText(sums));
        assert.equal(read.length, sums.length);
        for (const [i, sum] of sums.entries()) assertKept(read[i]!, sum);
        assert.deepEqual(bandSumsText(read).length > 0, true);
      }),
      { seed: 1 },
    );
  });

  test('are preserved for bands without values', () => {
    const empty = { mean: 0, squares: 0, minimum: null, maximum: null, chipMean: 0, chipSquares: 0 };
    const sums: BandSum[] = [{ chips: 0, nodata: 32, counts: [0, 0, 0, 0], ...empty }];
    assert.deepEqual(bandSumsOf(bandSumsText(sums)), sums);
    assert.deepEqual(bandSumsOf(bandSumsText([])), []);
  });

  test('take at most 2 KB of a row, for any package and chips', () => {
    const long = -1.234567890123e-100;
    const worst: BandSum = {
      chips: 99_999_999,
      nodata: 99_999_999,
      counts: new Array(MAX_PROFILE_BINS + 2).fill(64_000_000),
      mean: long,
      squares: 1.23456789e-99,
      minimum: long,
      maximum: 1e200,
      chipMean: long,
      chipSquares: 1.2e99,
      violations: Object.fromEntries(VIOLATIONS.map((name) => [name, 1])),
    };
    const other = { ...worst, chips: 1_234_567, nodata: 7, counts: worst.counts.map((count) => count - 1) };
    const sums = Array.from({ length: MAX_PROFILE_BANDS }, (_, i) => (i % 2 === 0 ? worst : other));
    const text = bandSumsText(sums);
    assert.ok(text.length <= 2048, `${text.length} letters`);
    assert.deepEqual(bandSumsOf(text)[1]!.counts, other.counts);
    assert.equal(bandSumsOf(text)[0]!.minimum, -1.23457e-100);
  });

  test('with extra digits are refused', () => {
    const text = bandSumsText(sumsOf(model, profile, chips.slice(0, 1)).bands!);
    assert.throws(() => bandSumsOf(`${text}AAAB`), /Found other digits than were asked for/);
  });
});

test('digits are read as they were written, each with its own base', () => {
  const digit = fc
    .integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
    .chain((base) => fc.record({ base: fc.constant(base), value: fc.integer({ min: 0, max: base - 1 }) }));
  fc.assert(
    fc.property(fc.array(digit), (all) => {
      const text = writeDigits((digits) => {
        for (const { base, value } of all) digits.next(base, value);
      });
      assert.deepEqual(
        readDigits(text, (digits) => all.map(({ base }) => digits.next(base, 0))),
        all.map(({ value }) => value),
      );
    }),
    { seed: 1 },
  );
});
