import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bundledChips, smallChips, unseenWindows, windowsLike } from '../../../test/benches/bandChips.ts';
import { modelOf } from '../../../test/benches/predictions.ts';
import { type DataType, largestOf, makePlane } from '../../arrays/dataTypes.ts';
import { type BandProfile, parseProfile } from '../../package/bandProfile.ts';
import type { ModelPackage } from '../../package/package.ts';
import { measuresOfRow } from '../registry.ts';
import { addBandSums, type BandSum, type Violation } from './bandSum.ts';
import { bandSumsOf, bandSumsText } from './bandSumsText.ts';
import { bands } from './bands.ts';
import { countedViolations, toldViolations } from './toldViolations.ts';
import { chanceOfShare } from './violations.ts';

/** Which rules of data quality a run breaks, on bands whose values are chosen. */

const NUMBERS = { mean: 60, deviation: 30, betweenChips: 20, valuesPerChip: 6, degreesOfFreedom: 3 };
const PROFILE: BandProfile = {
  name: 'B5',
  source: 0,
  chips: 500,
  edges: [10, 40, 60, 80, 200],
  counts: [4000, 4000, 4000, 4000],
  ...NUMBERS,
};

function packageOf(profile: Partial<BandProfile> = {}, dataType: DataType = 'uint8'): ModelPackage {
  const band = { name: 'B5', dataType, bytesPerChip: 0, commonName: null };
  const source = { height: 1, width: 20, bands: [band] };
  return { ...modelOf([]), source, profile: [{ ...PROFILE, ...profile }] };
}

/** What a run keeps of so many chips of 20 pixels; `valueAt` tells each, undefined where it holds no data. */
function lookAt(
  model: ModelPackage,
  chips: number,
  valueAt: (pixel: number, chip: number) => number | undefined,
): BandSum {
  const look = bands.look(model);
  for (let chip = 0; chip < chips; chip += 1) {
    const plane = makePlane(model.source.bands[0]!.dataType, 20);
    const values = Array.from({ length: 20 }, (_, pixel) => valueAt(pixel, chip));
    plane.set(values.map((value) => value ?? 0));
    const valid = Uint8Array.from(values, (value) => Number(value !== undefined));
    look.at({ place: { index: chip, kind: 'index' }, planes: [plane], truth: null, valid }, false);
  }
  return look.sum().bands![0]!;
}

const near = (found: number, wanted: number) =>
  assert.ok(Math.abs(found - wanted) < 1e-12 * wanted, `${found}, ${wanted}`);
const brokenBy = (sum: BandSum): Violation[] => Object.keys(sum.violations ?? {}) as Violation[];
/** All over the profile's range. */
const ordinary = (pixel: number, chip: number) => 10 + ((pixel * 37 + chip * 11) % 190);

describe('a band breaks', () => {
  const model = packageOf();

  test('no rule where it is as its profile', () => {
    for (const chips of [1, 10, 300]) assert.deepEqual(brokenBy(lookAt(model, chips, ordinary)), [], `${chips}`);
  });

  for (const { rule, valueAt, chips = 300, text } of [
    { rule: 'missing band', valueAt: () => undefined, text: 'no pixel that was looked at holds a value of it' },
    { rule: 'constant band', valueAt: () => 50, text: 'all its values are 50' },
    { rule: 'constant band', valueAt: () => 50, chips: 2, text: 'all its values are 50' },
    {
      rule: 'nodata share',
      valueAt: (pixel: number, chip: number) => (pixel < 8 ? undefined : ordinary(pixel, chip)),
      text: '40\u00a0% of its pixels hold no data, allowed are 20\u00a0%',
    },
    {
      rule: 'new range',
      valueAt: (pixel: number, chip: number) => (pixel < 3 ? 5 : ordinary(pixel, chip)),
      text: '15\u00a0% of its values are outside of 10 to 200, allowed are 5.0\u00a0%',
    },
  ] as const)
    test(`the rule "${rule}", of ${chips} chips`, () => {
      const sum = lookAt(model, chips, valueAt);
      assert.deepEqual(toldViolations({ bands: [sum] }, model), [{ band: 'B5', violation: rule, text }]);
    });

  test('the rule "saturated share" at the largest value of its type, and also the rule "new range"', () => {
    const sum = lookAt(model, 300, (pixel, chip) => (pixel < 4 ? 255 : ordinary(pixel, chip)));
    assert.deepEqual(brokenBy(sum), ['saturated share', 'new range']);
    const [told] = toldViolations({ bands: [sum] }, model);
    assert.equal(told?.text, 'more than 5.0\u00a0% of its values are 255 or above, where it is saturated');
  });

  test('no rule if chance could explain it: a share that breaks a rule in many chips may be chance in few', () => {
    const few = (pixel: number, chip: number) => (pixel < 3 ? 5 : ordinary(pixel, chip));
    assert.deepEqual(brokenBy(lookAt(model, 10, few)), []);
    assert.deepEqual(brokenBy(lookAt(model, 500, few)), ['new range']);
    const below = (pixel: number) => 2 + (pixel % 7);
    assert.deepEqual(
      [1, 2, 3].map((chips) => brokenBy(lookAt(model, chips, below)).length),
      [0, 1, 1],
    );
  });

  test('rules by a chance of at least the exact binomial tail, and less than 20 times that', () => {
    assert.deepEqual([chanceOfShare(0.04, 0.05, 10), chanceOfShare(1, 0, 1), chanceOfShare(0.5, 0.5, 3)], [1, 0, 1]);
    near(chanceOfShare(1, 0.05, 3), 0.05 ** 3);
    for (const [n, k, p] of [
      [20, 5, 0.05],
      [300, 31, 0.05],
      [7, 3, 0.2],
    ] as const) {
      let [tail, term] = [0, (1 - p) ** n]; // of the binomial distribution
      for (let i = 0; i <= n; i += 1) {
        if (i >= k) tail += term;
        term *= ((n - i) / (i + 1)) * (p / (1 - p));
      }
      const chance = chanceOfShare(k / n, p, n);
      assert.ok(chance >= tail && chance < 20 * tail, `${k} of ${n}: ${chance}, ${tail}`);
    }
  });

  test('no rule where its profile was constant, or holds as many saturated values and pixels without data', () => {
    const constant = packageOf({ edges: [50, 50.1], counts: [16_000], deviation: 0 });
    assert.deepEqual(brokenBy(lookAt(constant, 300, () => 50)), []);
    const other = { bands: [lookAt(constant, 300, ordinary)] };
    const told = toldViolations(other, constant).find(({ violation }) => violation === 'new range')!;
    assert.match(told.text, /^\d+.% of its values are other than 50, allowed are 5/);
    const rows = (pixel: number, chip: number) => (pixel < 4 ? 200 : pixel < 12 ? undefined : ordinary(pixel, chip));
    const quiet = packageOf({ nodata: 0.4, saturated: 0.3, limits: { saturatedAt: 200 } });
    assert.deepEqual(brokenBy(lookAt(quiet, 300, rows)), []);
    assert.deepEqual(brokenBy(lookAt(packageOf({ limits: { saturatedAt: 200 } }), 300, rows)), [
      'nodata share',
      'saturated share',
    ]);
  });

  test('the limits of its package if that has its own', () => {
    const low = (pixel: number, chip: number) => (pixel < 3 ? 5 : ordinary(pixel, chip));
    assert.deepEqual(brokenBy(lookAt(packageOf({ limits: { outside: 0.3 } }), 300, low)), []);
    assert.deepEqual(brokenBy(lookAt(packageOf({ limits: { outside: 0 } }), 1, low)), ['new range']);
    assert.deepEqual(
      brokenBy(
        lookAt(packageOf({ limits: { nodata: 1 } }), 300, (pixel) => (pixel > 9 ? undefined : ordinary(pixel, 1))),
      ),
      [],
    );
  });

  test('the saturation rule at the largest integer value, and for floats only at a limit of the package', () => {
    assert.deepEqual(
      (['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'float32', 'float64'] as const).map(largestOf),
      [255, 127, 65_535, 32_767, 4_294_967_295, 2_147_483_647, null, null],
    );
    const bright = (pixel: number, chip: number) => (pixel < 4 ? 199.5 : ordinary(pixel, chip));
    assert.deepEqual(brokenBy(lookAt(packageOf({}, 'float32'), 300, bright)), []);
    const limits = { saturatedAt: 199 };
    assert.deepEqual(brokenBy(lookAt(packageOf({ limits }, 'float32'), 300, bright)), ['saturated share']);
    // numpy 2.4: np.float32(0.7) >= 0.7
    const full = (pixel: number, chip: number) => (pixel < 4 ? 0.7 : ordinary(pixel, chip) / 400);
    const shares = { edges: [0, 0.2, 0.4, 0.6, 1], limits: { saturatedAt: 0.7 } };
    assert.deepEqual(brokenBy(lookAt(packageOf(shares, 'float32'), 300, full)), ['saturated share']);
    const twelveBits = (pixel: number, chip: number) => (pixel < 4 ? 4095 : ordinary(pixel, chip));
    const edges = [10, 40, 60, 80, 4095];
    assert.deepEqual(brokenBy(lookAt(packageOf({ edges }, 'uint16'), 300, twelveBits)), []);
    assert.deepEqual(brokenBy(lookAt(packageOf({ edges, limits: { saturatedAt: 4095 } }, 'uint16'), 300, twelveBits)), [
      'saturated share',
    ]);
  });
});

describe('broken rules', () => {
  const model = packageOf();
  const one = lookAt(model, 300, (pixel, chip) => (pixel < 4 ? 255 : ordinary(pixel, chip)));
  const quiet = lookAt(model, 300, ordinary);

  test('are counted as numbers of runs', () => {
    const day = [one, quiet, lookAt(model, 300, () => undefined), one].reduce(addBandSums);
    assert.deepEqual(countedViolations({ bands: [day] }, model), [
      { band: 'B5', violation: 'missing band', runs: 1 },
      { band: 'B5', violation: 'saturated share', runs: 2 },
      { band: 'B5', violation: 'new range', runs: 2 },
    ]);
    assert.equal('violations' in addBandSums(quiet, quiet), false);
  });

  test('are stored in the row of the run; a row without sums has none', () => {
    const text = bandSumsText([quiet, one]);
    assert.deepEqual(bandSumsOf(text).map(brokenBy), [[], brokenBy(one)]);
    assert.deepEqual(measuresOfRow({ bands: text }).bands?.map(brokenBy), [[], brokenBy(one)]);
    assert.deepEqual(bandSumsOf(bandSumsText([quiet, quiet])).map(brokenBy), [[], []]);
    assert.equal(measuresOfRow({}).bands, undefined);
  });
});

describe('of 1,000 quiet windows, those that break any rule', async () => {
  const shard = await smallChips();
  const statlog = await bundledChips('landsat-statlog', 'landsat-statlog/test.csv');
  const digits = await bundledChips('digits', 'digits/t10k-first-500.npz');

  for (const { name, windows } of [
    ...[1, 20, 300].map((count) => ({
      name: `${count} chips of 11 bands that are like the shard, by a profile of 80 others`,
      windows: windowsLike(shard, { seen: 80, count, seed: 4 }),
    })),
    ...[
      { of: statlog, what: 'rows of Statlog', names: ['p5_b1', 'p5_b2', 'p5_b3', 'p5_b4'], seen: 1000 },
      { of: digits, what: 'digits', names: ['grey'], seen: 250 },
    ].flatMap(({ of, what, names, seen }) =>
      [20, 100].map((count) => ({
        name: `${count} ${what}, by a profile of ${seen} others`,
        windows: unseenWindows(of, { names, seen, count, seed: 5 }),
      })),
    ),
  ])
    test(`are at most 2 in 100: ${name}`, () => {
      const all = Array.from(windows, ({ sums }) => sums);
      const told = all.filter((sums) => sums.some(({ violations }) => violations !== undefined));
      assert.equal(all.length, 1000);
      const rules = told.flatMap((sums) => sums.flatMap(brokenBy));
      assert.ok(told.length <= 20, `${told.length} of ${all.length}: ${rules.slice(0, 10)}`);
    });
});

test('invalid limits are refused, each by its name', () => {
  const { name: _, source: __, ...profile } = PROFILE;
  const parse = (more: object) => parseProfile({ bands: { B5: { ...profile, ...more } } }, [{ name: 'B5' }]);
  const limits = { nodata: 0.5, saturatedAt: 4095 };
  assert.deepEqual(parse({ nodata: 0.1, saturated: 0, limits })?.[0], {
    ...PROFILE,
    nodata: 0.1,
    saturated: 0,
    limits,
  });
  for (const [more, says] of [
    [{ limits: { nodata: 1.5 } }, /bands\.B5\.limits\.nodata: found 1\.5, allowed is a share from 0 to 1/],
    [{ limits: { cloud: 0.5 } }, /bands\.B5\.limits.*cloud/],
    [{ saturated: -1 }, /bands\.B5\.saturated: found -1, allowed is a share from 0 to 1/],
  ] as const)
    assert.throws(() => parse(more), says);
});
