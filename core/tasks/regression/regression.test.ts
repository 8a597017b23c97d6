import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { modelOf } from '../../../test/benches/predictions.ts';
import { judgeDrift } from '../../drift/window.ts';
import type { ModelPackage } from '../../package/package.ts';
import { type Histogram, wassersteinDistance } from '../../statistics/histogram.ts';
import { inRow, ofRow, taskNamed } from '../registry.ts';
import { compareTruths } from '../shownRegistry.ts';
import { regression } from './regression.ts';
import { momentsOf, predictionsIn, type ValueSum } from './valueSum.ts';

type Vectors = {
  edges: number[];
  reference: number[];
  values: { name: string; values: number[]; counts: number[]; mean: number; variance: number }[];
  distances: { name: string; counts: number[]; distance: number }[];
};
/** numpy's and scipy's answers: vectors.py. */
const vectors: Vectors = JSON.parse(readFileSync(new URL('regression.vectors.json', import.meta.url), 'utf8'));
const { decode, summary, columns, said } = regression;

const histogram: Histogram = { edges: vectors.edges, counts: vectors.reference };
const model: ModelPackage<Histogram> = { ...modelOf([]), task: taskNamed('regression'), reference: histogram };

const sumOf = (values: readonly (number | null)[], of = model) => summary.of({ value: values }, of);

test('a model has one output, and its predictions have one value column', () => {
  assert.deepEqual(regression.shape(model), [1]);
  assert.deepEqual(columns(model), [{ name: 'value', type: 'DOUBLE', isDistinct: true }]);
});

test('a prediction is the number, or missing if that is not finite or beyond float32', () => {
  const { values: predictions } = decode([1.5, Number.NaN, -2, Infinity, 1e39, 0], 6, model);
  assert.deepEqual(predictions, { value: [1.5, null, -2, null, null, 0] });
  assert.deepEqual(
    [0, 1].map((chip) => said.of(predictions, chip)),
    [
      { value: 1.5, text: '1.5', probability: null, rank: -1.5 },
      { value: null, text: null, probability: null, rank: null },
    ],
  );
});

describe('the sums of predictions equal those of numpy:', () => {
  for (const { name, values, counts, mean, variance } of vectors.values)
    test(name, () => {
      const { deviation, mean: found } = momentsOf(sumOf(values));
      assert.deepEqual(sumOf([...values, null]).counts, counts);
      assert.equal(sumOf([...values, null]).missing, 1);
      assert.ok(Math.abs(found! - mean) <= 1e-12 * Math.abs(mean), `${found}`);
      assert.ok(Math.abs(deviation! ** 2 - variance) <= 1e-9 * variance, `${deviation! ** 2}`);
    });

  test('whether part by part or all at once, without losing any', () => {
    const value = fc.option(fc.double({ noNaN: true, min: -1e6, max: 1e6 }));
    fc.assert(
      fc.property(fc.array(value, { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (values, size) => {
        const all = sumOf(values);
        const parts: ValueSum[] = [];
        for (let at = 0; at < values.length; at += size) parts.push(sumOf(values.slice(at, at + size)));
        const added = parts.reduce(summary.add, summary.zero(model));
        assert.deepEqual([added.counts, added.missing], [all.counts, all.missing]);
        assert.equal(predictionsIn(all) + all.missing, values.length);
        const near = (a: number, b: number) => Math.abs(a - b) <= 1e-9 * (1 + Math.abs(a) + Math.abs(b));
        assert.ok(near(added.mean, all.mean) && near(added.squares, all.squares), JSON.stringify([added, all]));
        // As the tables keep it.
        assert.deepEqual(ofRow(inRow(added, model)), added);
      }),
    );
  });
});

describe("the Wasserstein distance is scipy's:", () => {
  for (const { name, counts, distance } of vectors.distances)
    test(name, () => {
      assert.ok(Math.abs(wassersteinDistance(counts, histogram)! - distance) <= 1e-12 * (1 + distance));
    });

  test('and null without counts', () => {
    assert.equal(wassersteinDistance([0, 0, 0, 0, 0, 0, 0], histogram), null);
  });
});

test('a run is judged by its bins, with the noise floor of any distribution', () => {
  const limits = { threshold: 0.25, minimum: 1 };
  const judged = (counts: number[]) =>
    judgeDrift({ sceneSquares: 200, chips: 210, blank: 9, ...summary.zero(model), counts, missing: 1 }, model, limits);
  const quiet = judged(vectors.reference);
  assert.partialDeepStrictEqual(quiet, {
    n: 200,
    missingShare: 1 / 201,
    drift: { jensenShannon: 0, verdict: 'no drift' },
  });
  assert.equal(judged([0, 0, 0, 0, 0, 0, 200]).drift?.verdict, 'drift');
  assert.equal(judged([0, 0, 0, 0, 0, 0, 2]).drift?.verdict, 'not enough data');
});

describe('a reference', () => {
  const parse = (bins: unknown) => regression.parseReference({ bins }, model);

  test('has counts below and above its bins, or 0 by default', () => {
    assert.deepEqual(parse({ edges: [0, 1, 2], counts: [3, 4] }), { edges: [0, 1, 2], counts: [0, 3, 4, 0] });
    const both = { edges: [0, 1], counts: [3], below: 1, above: 2 };
    assert.deepEqual(parse(both).counts, [1, 3, 2]);
    assert.deepEqual(regression.reference({ ...model, reference: parse(both) }), [
      { name: 'below 0', count: 1 },
      { name: '0 to 1', count: 3 },
      { name: 'above 1', count: 2 },
    ]);
  });

  for (const [bins, says] of [
    [undefined, /bins: found nothing, allowed is an object with "edges" and "counts"/],
    [{ edges: [1], counts: [] }, /bins\.edges: found \[1\], allowed is a list of at least/],
    [{ edges: [0, 2, 1], counts: [1, 1] }, /found \[0,2,1\], allowed is edges that rise/],
    [{ edges: [0, 1, 1], counts: [1, 1] }, /allowed is edges that rise/],
    [{ edges: [0, 1, 2], counts: [1] }, /"1 counts", allowed is one for each of the 2 bins/],
    [{ edges: [0, 1], counts: [0] }, /allowed is counts of which at least one is above 0/],
    [{ edges: [0, 1], counts: [0.5] }, /bins\.counts\[0\]: found 0\.5, allowed is a whole number/],
    [{ edges: ['0', 1], counts: [1] }, /bins\.edges\[0\]: found "0", allowed is a finite number/],
    [
      { edges: Array.from({ length: 202 }, (_, i) => i), counts: Array.from({ length: 201 }, () => 1) },
      /allowed is a list of at most 201 edges/,
    ],
  ] as const)
    test(`is refused: ${says}`, () => {
      assert.throws(() => parse(bins), { name: 'InvalidModelPackage', message: says });
    });
});

describe('what is true', () => {
  test('gives a warning if it is closer to its own mean than to the predictions', () => {
    const comparison = compareTruths(model);
    for (let chip = 0; chip < 30; chip += 1) comparison.add({ value: -chip, truth: chip });
    assert.match(
      comparison.accuracy()?.warning ?? '',
      /more than if each had been the mean of what is true \(8\.655\)/,
    );
  });
});
