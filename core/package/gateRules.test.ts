import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HEIGHTS } from '../../test/benches/heights.ts';
import { editedItem, PROPERTIES } from '../../test/benches/packages.ts';
import { classification } from '../tasks/classification/classification.ts';
import { TASKS } from '../tasks/registry.ts';
import { regression } from '../tasks/regression/regression.ts';
import { segmentation } from '../tasks/segmentation/segmentation.ts';
import { answerable, type GateRules, gateSchema, parseGate, strictest } from './gateRules.ts';
import { interpretItem } from './interpret.ts';
import { parseItem } from './item.ts';

describe('a gate', () => {
  test('is the same in the text of a parameter and in a package', () => {
    const rules = {
      max_accuracy_drop: 0.02,
      confidence: 0.9,
      min_agreement: 0.8,
      max_time_ratio: 1.5,
      min_chips: 500,
      max_error_rise: 2.5,
      max_mean_absolute_difference: 0,
    };
    const text = Object.entries(rules).map(([name, value]) => `${name}=${value}`);
    assert.deepEqual(parseGate(text.join(',')), gateSchema.parse(rules));
    assert.deepEqual(parseGate(text.join(', ')), rules);
    assert.deepEqual(parseGate(''), {});
  });

  for (const [text, says] of [
    ['min_agreement', /min_agreement is a number from 0 to 1$/],
    ['min_agreement=', /min_agreement is a number from 0 to 1$/],
    ['min_agreement=90', /found "min_agreement=90", allowed is min_agreement is a number from 0 to 1$/],
    ['min_agreement=0.9,min_agreement=0.8', /allowed is each name once$/],
    ['confidence=0.5,min_agreement=0.9', /confidence is a number above 0\.5 and below 1$/],
    ['min_chips=1.5,min_agreement=0.9', /min_chips is a whole number from 1 on$/],
    ['max_time_ratio=0', /max_time_ratio is a number above 0$/],
    ['max_error_rise=-1', /max_error_rise is a number from 0 on, in the unit of the values$/],
    ['max_mean_absolute_difference=1e999', /max_mean_absolute_difference is a number from 0 on, in the unit/],
    ['agreement=0.9', /an object with max_accuracy_drop, .*, and nothing else$/],
    [
      'confidence=0.9',
      /at least one of max_accuracy_drop, max_error_rise, min_agreement, max_mean_absolute_difference, max_time_ratio$/,
    ],
  ] as const)
    test(`that is invalid is refused: ${text}`, () => assert.throws(() => parseGate(text), says));

  test('from several sources has the strictest of each rule', () => {
    const gates: GateRules[] = [
      { max_accuracy_drop: 0.05, min_agreement: 0.7, max_time_ratio: 2 },
      {},
      { max_accuracy_drop: 0.01, min_agreement: 0.9, max_time_ratio: 3, confidence: 0.9, min_chips: 50 },
      { min_agreement: 0.8, confidence: 0.99, min_chips: 10 },
    ];
    const expected = {
      max_accuracy_drop: 0.01,
      min_agreement: 0.9,
      max_time_ratio: 2,
      confidence: 0.99,
      min_chips: 50,
    };
    assert.deepEqual(strictest(gates), expected);
    assert.deepEqual(strictest([{}, {}]), {});
  });

  test('leaves out rules that cannot apply to the task', () => {
    const ofAll = { max_time_ratio: 2, min_chips: 10, confidence: 0.9 };
    const ofNames = { max_accuracy_drop: 0.05, min_agreement: 0.7 };
    const ofValues = { max_error_rise: 3, max_mean_absolute_difference: 4 };
    const rules = { ...ofAll, ...ofNames, ...ofValues };
    assert.deepEqual(answerable(rules, classification), { ...ofAll, ...ofNames });
    assert.deepEqual(answerable(rules, regression), { ...ofAll, ...ofValues });
    assert.deepEqual(answerable(rules, segmentation), { ...ofAll, ...ofNames });
    assert.deepEqual(answerable(rules, { answers: [] }), ofAll);
  });
});

describe('the gate of a package', () => {
  const ofPackage = async (gate: unknown) =>
    interpretItem(parseItem(await editedItem([`${PROPERTIES}/swath:gate`, gate])), TASKS).gate;

  test('is read from swath:gate', async () => {
    assert.deepEqual(await ofPackage({ min_agreement: 0.9 }), { min_agreement: 0.9 });
  });

  test('fits its task: errors for a model of values, accuracy for one of classes, and other rules are refused', async () => {
    const ofHeights = async (gate: unknown) =>
      interpretItem(parseItem(await editedItem(...HEIGHTS, [`${PROPERTIES}/swath:gate`, gate])), TASKS).gate;
    const gate = { max_error_rise: 0.5, max_mean_absolute_difference: 2 };
    assert.deepEqual(await ofHeights(gate), gate);
    await assert.rejects(
      ofHeights({ max_accuracy_drop: 0.1 }),
      /properties\.swath:gate\.max_accuracy_drop: found 0\.1, allowed is nothing, as the task regression has the rules max_error_rise, max_mean_absolute_difference and max_time_ratio/,
    );
    for (const name of Object.keys(gate))
      await assert.rejects(
        ofPackage({ [name]: 1 }),
        new RegExp(
          `${name}: found 1, allowed is nothing, as the task classification has the rules max_accuracy_drop, min_agreement and max`,
        ),
      );
  });

  for (const [gate, says] of [
    [{ min_agreement: '90 %' }, /properties\.swath:gate\.min_agreement: found "90 %", allowed is a number from 0 to 1/],
    [
      { agreement: 0.9 },
      /properties\.swath:gate: found \{"agreement":0\.9\}, allowed is an object with .*, and nothing else/,
    ],
    [{}, /properties\.swath:gate: found \{\}, allowed is at least one of/],
    [0.9, /properties\.swath:gate: found 0\.9, allowed is an object with/],
  ] as const)
    test(`is refused as ${JSON.stringify(gate)}`, () => assert.rejects(ofPackage(gate), says));
});
