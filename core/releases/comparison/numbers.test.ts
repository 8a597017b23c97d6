import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { modelOf } from '../../../test/benches/predictions.ts';
import { taskNamed } from '../../tasks/registry.ts';
import type { ComparedRuns } from './compareRuns.ts';
import type { Pair } from './compareVersions.ts';
import { numbersOf, truthOf } from './numbers.ts';

const NOTHING = { accuracy: null, rightByOne: null, errors: null, memory: null, alone: { first: 0, second: 0 } };

const linesOf = (found: Partial<ComparedRuns>) =>
  Object.fromEntries(
    numbersOf({
      ...NOTHING,
      first: { task: taskNamed('regression') },
      difference: { figures: [] },
      milliseconds: { first: null, second: null },
      ...found,
    } as unknown as ComparedRuns).map(({ name, value, note }) => [name, note === undefined ? value : [value, note]]),
  );

describe('the numbers of a comparison', () => {
  test('begin with how the predictions differ, and go on with how often each is right', () => {
    const figures = [
      { name: 'Agreement', value: 0.75, unit: 'share', note: 'of 8 chips' },
      { name: 'Kappa', value: null },
      { name: 'Mean', value: 0.123456 },
    ];
    const of = (sentence: string, more: object = {}) => ({ figure: { name: 'Accuracy' }, sentence, ...more });
    const accuracy = { first: of('75 %', { calibration: { error: 0.03125 } }), second: of('50 %') };
    const rightByOne = { chips: 4, both: 1, first: 1200, second: 2, p: 0.03 };
    const found = { difference: { figures }, accuracy, rightByOne } as unknown as ComparedRuns;
    const lines = linesOf(found);
    assert.deepEqual(Object.keys(lines), [
      'Agreement',
      'Kappa',
      'Mean',
      'Accuracy, first',
      'Calibration error, first',
      'Accuracy, second',
      "McNemar's test",
      'Peak memory',
    ]);
    const { Agreement, Kappa, Mean, "McNemar's test": test, 'Calibration error, first': calibration } = lines;
    assert.deepEqual([Agreement![1], Kappa, Mean], ['of 8 chips', '–', '0.1235']);
    assert.match(String(Agreement![0]), /^75/);
    assert.deepEqual(calibration, ['0.03125', '0 where probabilities hold']);
    assert.deepEqual([lines['Accuracy, first'], lines['Accuracy, second']], ['75 %', '50 %']);
    const note = (one: string, other: string) => `right by one alone: ${one} of the first, ${other} of the second`;
    assert.deepEqual(test, ['p = 0.03: the first is right more often', note('1,200', '2')]);
    const testOf = (first: number, second: number, p: number) =>
      linesOf({ rightByOne: { ...rightByOne, first, second, p } })["McNemar's test"];
    assert.deepEqual(testOf(1, 9, 0.049), ['p = 0.049: the second is right more often', note('1', '9')]);
    const unsure = 'p = 0.05: no difference that chance does not explain';
    assert.deepEqual(testOf(1, 9, 0.05), [unsure, note('1', '9')]);
  });

  test('of maps have the difference of the shares of pixels that are wrong', () => {
    const errors = { chips: 1, first: 0.25, second: 0.5, difference: 0.25, deviation: null };
    const first = { task: taskNamed('segmentation') } as ComparedRuns['first'];
    const { 'Difference of the errors': found } = linesOf({ first, errors });
    assert.deepEqual(found, ['0.25', "share of wrong pixels, by chips, of the second less the first's, over 1 chip"]);
  });

  test('have no interval of the errors of one chip, and say where memory is measured', () => {
    const errors = { chips: 1, first: 1, second: 3, difference: 2, deviation: null };
    const { 'Difference of the errors': found, 'Peak memory': memory } = linesOf({ errors });
    assert.deepEqual(found, ['2', "mean absolute error of the second less the first's, over 1 chip"]);
    const ofOneScene = { ...errors, chips: 9, deviation: 1, byScenes: { mean: 2, error: null, scenes: 1 } };
    const [value] = linesOf({ errors: ofOneScene })['Difference of the errors']!;
    assert.match(value!, /^2 \(a single scene does not show how scenes differ\): no difference that chance/);
    assert.deepEqual(memory, ['–', 'measured where both packages run: "swath model diff" with --data']);
  });

  test('list the memory of each version, and the batch sizes with which it was measured', () => {
    const memory = (chips: number) => ({
      memory: { first: { bytes: 12e6, chips: 16 }, second: { bytes: 24e6, chips } },
    });
    const load = (batch: string) => `to load the model and infer ${batch}, above what the process held before`;
    const value = '12 MB by the first, 24 MB by the second';
    assert.deepEqual(linesOf(memory(16))['Peak memory'], [value, load('a batch of 16 chips')]);
    assert.deepEqual(linesOf(memory(1))['Peak memory'], [value, load('a batch of 16 chips and of 1 chip')]);
  });

  test('list the time for a chip if both are known, and the chips that one alone predicts if there are any', () => {
    assert.deepEqual(Object.keys(linesOf({ milliseconds: { first: 1, second: null } })), ['Peak memory']);
    const { 'Inferring a chip': time, 'Predicted by one alone': alone } = linesOf({
      milliseconds: { first: 1.5, second: 3 },
      alone: { first: 2, second: 1 },
    });
    assert.deepEqual([time, alone], ['1.5 ms by the first, 3 ms by the second', '3 chips']);
  });

  for (const [difference, says] of [
    [0.5, 'the second is off by more'],
    [-0.5, 'the first is off by more'],
    [0.01, 'no difference that chance does not explain'],
    [0, 'no difference that chance does not explain'],
  ] as const)
    test(`explain an error difference of ${difference}: ${says}`, () => {
      const errors = { chips: 100, difference, deviation: 1, first: 1, second: 1 + difference };
      const [text] = linesOf({ errors } as Partial<ComparedRuns>)['Difference of the errors'] as [string];
      assert.ok(text.endsWith(`: ${says}`), text);
    });

  test('have the interval of the difference of the errors, in which there may be no doubt at all', () => {
    const errors = { chips: 100, difference: 0.5, deviation: 1, first: 1, second: 1.5 };
    const textOf = (found: typeof errors) => String(linesOf({ errors: found })['Difference of the errors']![0]);
    // scipy.stats.t.ppf(0.975, 99) is 1.98422…
    assert.equal(
      textOf(errors).replaceAll('\u00a0', ' '),
      '0.5 (95 % interval: 0.3016 to 0.6984): the second is off by more',
    );
    assert.match(textOf({ ...errors, difference: 0, deviation: 0 }), /interval: 0 to 0\): no difference that chance/);
  });

  test('go with the truth of a chip that either of both knows', () => {
    const pairOf = (first: number | null, second: number | null) =>
      ({ first: { value: 0, truth: first }, second: { value: 0, truth: second } }) as unknown as Pair;
    const model = modelOf(['a', 'b'].map((name, value) => ({ name, value })));
    const told = (pair: Pair) => truthOf(pair, { first: model, second: model } as ComparedRuns);
    assert.deepEqual([pairOf(1, null), pairOf(null, 0), pairOf(null, null)].map(told), ['b', 'a', null]);
  });
});
