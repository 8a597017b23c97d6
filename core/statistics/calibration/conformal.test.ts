import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { conformalThreshold, predictionSet } from './conformal.ts';

type Case = { coverage: number; ofTruths: number[]; threshold: number; further: number[][]; sets: number[][] };
/** MAPIE's answers: conformal_vectors.py makes the file. */
const { cases } = JSON.parse(readFileSync(new URL('conformal.vectors.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};

describe('prediction sets equal those of MAPIE:', () => {
  for (const { coverage, ofTruths, threshold, further, sets } of cases)
    test(`${ofTruths.length} chips, ${further[0]!.length} classes, coverage ${coverage}`, () => {
      const found = conformalThreshold(ofTruths, coverage);
      assert.ok(Math.abs(found - threshold) <= 1e-12, `${found}, and not ${threshold}`);
      for (const [chip, probabilities] of further.entries()) {
        const set = predictionSet(probabilities, found);
        const best = probabilities.indexOf(Math.max(...probabilities));
        // MAPIE leaves sets empty.
        assert.deepEqual(set.toSorted(), sets[chip]!.length === 0 ? [best] : sets[chip]);
        assert.equal(set[0], best, 'the most probable class comes first');
      }
    });

  test('some of them are empty there, and some have several classes', () => {
    const sizes = new Set(cases.flatMap(({ sets }) => sets.map(({ length }) => length)));
    assert.ok([0, 1, 2, 3].every((size) => sizes.has(size)));
  });
});

test('too few chips for a coverage give all classes', () => {
  assert.equal(conformalThreshold([0.9, 0.8], 0.9), 1);
  assert.equal(conformalThreshold([], 0.5), 1);
  assert.deepEqual(predictionSet([0, 1, 0], 1), [1, 0, 2]);
});

test('a class at the threshold belongs to the set, whatever the last digit', () => {
  assert.deepEqual(predictionSet([0.6, 0.4], 1 - 0.4), [0, 1]);
  for (const p of [0.4, 0.45]) assert.deepEqual(predictionSet([1 - p, p].map(Math.fround), 1 - p), [0, 1]);
  assert.deepEqual(predictionSet([0.601, 0.399], 0.6), [0]);
});
