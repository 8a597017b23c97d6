import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { sfc32 } from '../../../replay/sfc32.ts';
import { activated, calibrated } from '../../arrays/activation.ts';
import { crossValidate, goodnessAt } from './crossValidate.ts';
import {
  fitTemperature,
  LEAST_TEMPERATURE,
  logProbability,
  MOST_TEMPERATURE,
  negativeLogLikelihood,
  type ScoredChip,
  softmaxAt,
} from './temperature.ts';

/** What scipy says: vectors.py makes the file. */
const { temperatures } = JSON.parse(readFileSync(new URL('calibration.vectors.json', import.meta.url), 'utf8')) as {
  temperatures: {
    name: string;
    scores: number[][];
    truths: number[];
    temperature: number;
    before: number;
    after: number;
    probabilities: number[][];
  }[];
};

function close(found: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(found - expected) <= tolerance * Math.abs(expected), `${found} is not ${expected}`);
}

describe('a temperature', () => {
  for (const { name, scores, truths, temperature, before, after, probabilities } of temperatures)
    test(`equals scipy's: ${name}`, () => {
      const chips = scores.map((row, i): ScoredChip => ({ scores: row, truth: truths[i]! }));
      const found = fitTemperature(chips)!;
      close(found, temperature, 1e-9);
      close(negativeLogLikelihood(chips, 1), before, 1e-12);
      close(negativeLogLikelihood(chips, found), after, 1e-12);
      for (const [i, row] of probabilities.entries())
        for (const [j, expected] of row.entries()) {
          close(softmaxAt(scores[i]!, found)[j]!, expected, 1e-9);
          const served = activated(Float64Array.from(scores[i]!), row.length, {
            activation: 'softmax',
            temperature: found,
          });
          close(served[j]!, expected, 1e-9);
        }
    });

  test('is null if there is no minimum: all chips are right, all are wrong, or the scores are equal', () => {
    const of = (...scores: number[]) => ({ scores, truth: 0 });
    assert.equal(fitTemperature([of(3, 1), of(2, 1)]), null);
    assert.equal(fitTemperature([of(1, 3), of(1, 2)]), null);
    assert.equal(fitTemperature([of(1, 1)]), null);
    assert.equal(fitTemperature([]), null);
  });
});

test('the logarithm of a probability is finite', () => {
  assert.equal(logProbability(0.5), Math.log(0.5));
  assert.equal(logProbability(0), Math.log(2 ** -149));
  assert.equal(logProbability(-1e-9), logProbability(0));
});

describe('on held-out chips', () => {
  const { scores, truths } = temperatures[0]!;
  const chips = scores.map((row, i): ScoredChip => ({ scores: row, truth: truths[i]! }));

  test('an overconfident model is better calibrated afterwards, and the split of the chips is reproducible', () => {
    const [before, after] = [goodnessAt(chips, 1), crossValidate(chips, sfc32(1, 2, 3), 0.9)!];
    assert.ok(after.error < before.error && after.likelihood < before.likelihood);
    assert.deepEqual(crossValidate(chips, sfc32(1, 2, 3), 0.9), after);
    assert.ok(after.likelihood > negativeLogLikelihood(chips, fitTemperature(chips)!), 'nothing was fitted to them');
  });

  test('the result is null if a part has no temperature', () => {
    const sure = Array.from({ length: 30 }, (): ScoredChip => ({ scores: [2, 1], truth: 0 }));
    assert.equal(crossValidate(sure, sfc32(1, 2, 3), 0.9), null);
  });
});

describe('probabilities with a temperature', () => {
  const probability = fc.float({ min: 0, max: 1, noNaN: true });

  test('keep their order, and so their class, for any float32 values', () => {
    fc.assert(
      fc.property(
        fc.array(probability, { minLength: 2, maxLength: 12 }),
        fc.double({ min: LEAST_TEMPERATURE, max: MOST_TEMPERATURE, noNaN: true }),
        (values, temperature) => {
          const row = Float32Array.from(values);
          const answer = calibrated(row, row.length, temperature);
          const winner = row.indexOf(Math.max(...row));
          assert.equal(answer.indexOf(Math.max(...answer)), winner);
          for (let i = 0; i < row.length; i += 1)
            for (let j = 0; j < row.length; j += 1) if (row[i] === row[j]) assert.equal(answer[i], answer[j]);
        },
      ),
    );
  });

  test('keep the smallest float32 difference at the highest temperature', () => {
    const row = Float32Array.of(0.49999997, 0.5);
    const [one, other] = calibrated(row, 2, MOST_TEMPERATURE);
    assert.ok(one! < other!);
  });

  test('keep the sum of a row, negative numbers, zeros and NaN', () => {
    const [one, other] = calibrated(Float32Array.of(3, 1), 2, 2);
    close(one! + other!, 4, 1e-12);
    assert.equal(calibrated(Float64Array.of(-1e-9, 1), 2, 2)[0], -1e-9);
    assert.deepEqual([...calibrated(Float32Array.of(0, 0, 0, 1), 2, 3)], [0, 0, 0, 1]);
    for (const spoilt of [NaN, Infinity, -Infinity])
      assert.ok(!calibrated(Float32Array.of(0.5, spoilt), 2, 2).every(Number.isFinite));
  });
});
