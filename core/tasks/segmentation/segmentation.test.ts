import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { modelOf } from '../../../test/benches/predictions.ts';
import { judgeDrift } from '../../drift/window.ts';
import type { Area } from '../../package/area.ts';
import { type ModelOutput, pixelLayout } from '../../package/outputLayout.ts';
import type { ModelPackage } from '../../package/package.ts';
import { inRow, ofRow, taskNamed } from '../registry.ts';
import { mapTypeOf, readingOf } from './labelPixels.ts';
import { parseShares } from './reference.ts';
import { segmentation } from './segmentation.ts';
import { type ShareCounts, shareCounts } from './shareCounts.ts';

const NAMES = ['water', 'land', 'cloud', 'snow'];
const NONE = 255;

type About = Partial<ModelOutput> & { shape: number[]; order?: string[]; chip?: number; values?: number[] };

/** A model of chips of 2 × 2 pixels, unless another size is given. */
function model({
  shape,
  order = ['batch', 'classes', 'height', 'width'],
  chip = 2,
  values = [0, 1],
  ...more
}: About): ModelPackage<number[]> {
  const pixels = pixelLayout({ shape, dim_order: order }, { width: chip, height: chip });
  const classes = values.map((value, i) => ({ value, name: NAMES[i]! }));
  const usual = { name: 'output', dataType: 'float32', activation: null, probabilities: false } as const;
  const output: ModelOutput = { ...usual, pixels, thresholds: values.map(() => 0.5), ...more };
  return { ...modelOf(classes), task: taskNamed('segmentation'), output, reference: values.map(() => 10) };
}

const decode = (of: ModelPackage, numbers: readonly number[], areas?: readonly Area[]) => {
  const { height, width, margin } = of.output.pixels!;
  const whole = { x: margin.left, y: margin.top, width, height, valid: null };
  const chips = areas ?? [whole];
  const { values, planes } = segmentation.decode(Float32Array.from(numbers), chips.length, of, chips);
  return { values, planes: planes! };
};

describe('the class of a pixel', () => {
  const logit = (p: number) => Math.log(p / (1 - p));
  for (const { what, of, numbers, labels, probability } of [
    {
      what: 'is the most probable one, the first of equals',
      of: model({ shape: [-1, 2, 2, 2] }),
      numbers: [0.9, 0.2, 0.5, 0.4, 0.1, 0.8, 0.5, 0.6],
      labels: [0, 1, 0, 1],
      probability: (0.9 + 0.8 + 0.5 + 0.6) / 4,
    },
    {
      what: 'is the same, channels last',
      of: model({ shape: [-1, 2, 2, 2], order: ['batch', 'height', 'width', 'classes'] }),
      numbers: [0.9, 0.1, 0.2, 0.8, 0.5, 0.5, 0.4, 0.6],
      labels: [0, 1, 0, 1],
      probability: (0.9 + 0.8 + 0.5 + 0.6) / 4,
    },
    {
      // scipy.special.softmax([1, 2, 0.5]) has 0.6285 at most, of [1000, 0, 0] 1: https://docs.scipy.org
      what: 'is computed from logits by softmax',
      of: model({ shape: [-1, 3, 1, 2], chip: 2, activation: 'softmax', values: [0, 1, 2] }),
      numbers: [1, 1000, 2, 0, 0.5, 0],
      labels: [1, 0],
      probability: (0.6285317192117624 + 1) / 2,
    },
    {
      what: 'is the second if the single number reaches its threshold, or else the first',
      of: model({ shape: [-1, 1, 2, 2], activation: 'sigmoid', thresholds: [0.5, 0.7] }),
      numbers: [0.9, 0.6, 0.7000001, 0.1].map(logit),
      labels: [1, 0, 1, 0],
      probability: (0.9 + 0.4 + 0.7 + 0.9) / 4,
    },
    {
      what: 'is the same without a dimension of classes',
      of: model({ shape: [-1, 2, 2], order: ['batch', 'height', 'width'] }),
      numbers: [0.9, 0.4, 0.5, 0.1],
      labels: [1, 0, 1, 0],
      probability: (0.9 + 0.6 + 0.5 + 0.9) / 4,
    },
    {
      // numpy 2.4: np.array([0.7, 0.69999987, 0.70000005, 0], 'f4') >= 0.7
      what: 'of float32 is the second if the number is as near to its threshold as float32 can be',
      of: model({ shape: [-1, 1, 2, 2], thresholds: [0.7, 0.7] }),
      numbers: [0.7, 0.69999987, 0.70000005, 0],
      labels: [1, 0, 1, 0],
      probability: (0.7 + 0.3 + 0.7 + 1) / 4,
    },
    {
      // numpy 2.4: np.array([0.1, 0.0999, 0.10004, 0], 'f2') >= 0.1
      what: 'of float16 is the second if the number is as near to its threshold as float16 can be',
      of: model({ shape: [-1, 1, 2, 2], thresholds: [0.1, 0.1], dataType: 'float16' }),
      numbers: [...Float16Array.of(0.1, 0.0999, 0.10004, 0)],
      labels: [1, 0, 1, 0],
      probability: (0.0999756 + 0.9000854 + 0.1000366 + 1) / 4,
    },
    {
      what: 'is the most probable of those above their thresholds, or else the class without one',
      of: model({ shape: [-1, 2, 2, 2], thresholds: [0, 0.5, 0.8], values: [0, 5, 9] }),
      numbers: [0.6, 0.2, 0.6, 0.1, 0.7, 0.9, 0.8, 0.3],
      labels: [5, 9, 9, 0],
      probability: (0.6 + 0.9 + 0.8 + 0.7) / 4,
    },
    {
      what: 'may be the number itself',
      of: model({ shape: [-1, 2, 2], order: ['batch', 'height', 'width'], dataType: 'int64', values: [3, 7] }),
      numbers: [3, 7, 7, 3],
      labels: [3, 7, 7, 3],
      probability: null,
    },
  ])
    test(what, () => {
      const { values, planes } = decode(of, numbers);
      assert.deepEqual([...planes[0]![0]!], labels);
      const found = values['probability']![0] as number | null;
      if (probability === null) assert.equal(found, null);
      else assert.ok(Math.abs(found! - probability) < 1e-6, `${found}, ${probability} is expected`);
      const names = segmentation.columns(of).map(({ name }) => name);
      assert.deepEqual(names.toSorted(), Object.keys(values).toSorted());
    });

  test('is nodata without data, and where a number is not finite', () => {
    const valid = Uint8Array.of(0, 1, 1, 1);
    const of = model({ shape: [-1, 2, 2, 2] });
    const numbers = [0.9, Number.NaN, 0.4, 0.3, 0.1, 0.5, 0.6, 0.7];
    const { values, planes } = decode(of, numbers, [{ x: 0, y: 0, width: 2, height: 2, valid }]);
    assert.deepEqual([...planes[0]![0]!], [NONE, NONE, 1, 1]);
    assert.deepEqual([values['pixels']![0], values['share_0']![0], values['share_1']![0]], [2, 0, 1]);
  });

  test('is returned only for the area of the chip if the model leaves out a margin', () => {
    const of = model({ shape: [1, 2, 2, 2], chip: 4 });
    assert.deepEqual(of.output.pixels!.margin, { top: 1, left: 1 });
    const area = { x: 2, y: 1, width: 1, height: 2, valid: null };
    const { planes } = decode(of, [0.9, 0.2, 0.1, 0.4, 0.1, 0.8, 0.9, 0.6], [area]);
    assert.deepEqual([...planes[0]![0]!], [1, 1]);
  });

  test('is returned chip by chip', () => {
    const of = model({ shape: [-1, 2, 1, 1], chip: 1 });
    const area = { x: 0, y: 0, width: 1, height: 1, valid: null };
    const { values, planes } = decode(of, [0.9, 0.1, 0.2, 0.8, Number.NaN, 0], [area, area, area]);
    assert.equal(planes.map(([labels]) => labels!.join()).join(' '), `0 1 ${NONE}`);
    assert.deepEqual([...(values['class'] as string[])], ['water', 'land', null]);
    assert.equal(shareCounts.of(values, of).missing, 1);
  });
});

test('maps of probabilities are written where the package asks for them', () => {
  const of = model({ shape: [-1, 3, 1, 1], chip: 1, activation: 'softmax', probabilities: true, values: [0, 1, 2] });
  const { planes } = decode(of, [0, Math.log(2), Math.log(7)]);
  assert.equal(planes[0]!.map((plane) => plane.join()).join(' '), '2 25 50 175');
  const layers = segmentation.layers!(of).map(({ map, description }) => `${map}: ${description}`);
  const names = ['water', 'land', 'cloud'].map((name) => `probabilities: ${name}`);
  assert.deepEqual(layers, ['predictions: class', ...names]);
});

for (const { values, dataType, nodata } of [
  { values: [0, 1], dataType: 'uint8', nodata: 255 },
  { values: [1, 255], dataType: 'uint8', nodata: 254 },
  { values: [0, 256], dataType: 'uint16', nodata: 65_535 },
  { values: Array.from({ length: 256 }, (_, i) => i), dataType: 'uint16', nodata: 65_535 },
  { values: [-1, 4], dataType: 'int32', nodata: 2 ** 31 - 1 },
])
  test(`a map of classes from ${values[0]} to ${values.at(-1)} has type ${dataType} and nodata ${nodata}`, () => {
    assert.deepEqual(mapTypeOf(modelOf(values.map((value) => ({ value, name: `c${value}` })))), { dataType, nodata });
  });

for (const { what, of } of [
  { what: 'more numbers than classes', of: model({ shape: [-1, 3, 2, 2] }) },
  { what: 'a softmax of fewer numbers than classes', of: model({ shape: [-1, 1, 2, 2], activation: 'softmax' }) },
  { what: 'one class', of: model({ shape: [-1, 1, 2, 2], values: [1] }) },
  { what: 'integers for each class', of: model({ shape: [-1, 2, 2, 2], dataType: 'uint8' }) },
])
  test(`an item is refused with ${what}`, () => {
    assert.equal(readingOf(of), null);
    const refused: string[] = [];
    segmentation.checkOutput(of, 'output', (holds, path) => void (holds || refused.push(path)));
    assert.deepEqual(refused, ['output.result']);
  });

for (const { what, of, numbers, found } of [
  { what: 'a logit', of: model({ shape: [-1, 2, 1, 1], chip: 1 }), numbers: [3, -2], found: '3' },
  { what: 'a sum of 0.5', of: model({ shape: [-1, 2, 1, 1], chip: 1 }), numbers: [0.2, 0.3], found: /add up to 0\.5$/ },
  {
    what: 'a number that is no class',
    of: model({ shape: [-1, 1, 1], order: ['batch', 'height', 'width'], chip: 1, dataType: 'uint8', values: [1, 2] }),
    numbers: [0],
    found: '0',
  },
])
  test(`a model that gives ${what} is reported`, () => {
    const offence = segmentation.offence(numbers, 1, of);
    assert.match(offence!.found, found instanceof RegExp ? found : new RegExp(`^${found}$`));
    const none = numbers.map(() => Number.NaN);
    assert.equal(segmentation.offence(none, 1, of), undefined);
  });

test('a model that gives the value of no class is refused with where the class is to be added', () => {
  const order = ['batch', 'height', 'width'];
  const of = model({ shape: [-1, 1, 1], order, chip: 1, dataType: 'uint8', values: [0, 1] });
  assert.deepEqual(segmentation.offence([2], 1, of), {
    found: '2',
    allowed: "a class's value for each pixel: 0, 1 (add each that is missing to classification:classes)",
  });
});

const four = model({ shape: [-1, 4, 1, 8], chip: 8, values: [0, 1, 2, 3] });
/** Shares of chips whose pixels are of these classes. */
const sumOf = (chips: readonly (readonly number[])[]): ShareCounts => {
  const rows = chips.map((labels) => {
    const scores = [0, 1, 2, 3].flatMap((value) => labels.map((label) => (label === value ? 1 : 0)));
    const of = model({ shape: [-1, 4, 1, labels.length], chip: labels.length, values: [0, 1, 2, 3] });
    return decode(of, scores).values;
  });
  return rows.map((values) => shareCounts.of(values, four)).reduce(shareCounts.add, shareCounts.zero(four));
};
const labels = fc
  .array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 30 })
  .map((all) => (all.length % 2 === 0 ? all : all.slice(1)));

test('a chip counts once, however many pixels it has, and shares add up to exactly the chips in any order', () => {
  fc.assert(
    fc.property(fc.array(labels, { minLength: 1, maxLength: 20 }), (chips) => {
      const sum = sumOf(chips);
      const all = sum.counts.reduce((before, one) => before + one, 0);
      assert.equal(all, chips.length);
      assert.deepEqual(sumOf(chips.toReversed()).counts, sum.counts);
      assert.deepEqual(ofRow(inRow(sum, four)), sum, 'a row keeps it');
    }),
  );
});

test('drift is measured by chips, so that ten million pixels of one chip count as one', () => {
  const limits = { threshold: 0.25, minimum: 1 };
  const none = { sceneSquares: 300, chips: 0, blank: 0 };
  const many = Array.from({ length: 300 }, (_, i) => [i % 4, (i + 1) % 4]);
  assert.equal(judgeDrift({ ...none, ...sumOf(many) }, four, limits).drift?.n, 300);
  const one = judgeDrift({ ...none, ...sumOf([Array(1000).fill(0)]) }, four, limits);
  assert.equal(one.drift?.verdict, 'not enough data');
});

describe('the reference', () => {
  const of = modelOf(['water', 'land'].map((name, value) => ({ value, name })));
  test('is scaled to its number of chips', () => {
    assert.deepEqual(parseShares({ classes: { water: 300_000, land: 100_000 }, chips: 40 }, of), [30, 10]);
    assert.deepEqual(parseShares({ classes: { land: 0.5 }, chips: 7 }, of), [0, 7]);
    assert.deepEqual(parseShares({ classes: { water: 30, land: 10 } }, of), [30, 10]);
  });
  for (const [json, says] of [
    [{ classes: { sea: 1 } }, /classes: found "sea", allowed is one of the model's classes/],
    [{ classes: { water: 0 } }, /at least one is above 0/],
    [{ classes: { water: 1 }, chips: 0 }, /chips: found 0, allowed is a whole number, 1 or more/],
    [{ classes: { water: -1 } }, /found -1, allowed is a number, 0 or more/],
  ] as const)
    test(`is refused: ${says}`, () => {
      assert.throws(() => parseShares(json, of), { name: 'InvalidModelPackage', message: says });
    });
});
