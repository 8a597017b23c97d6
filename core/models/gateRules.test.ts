import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { editedItem, PROPERTIES } from '../../test/benches/packages.ts';
import { answerable, type GateRules, gateSchema, parseGate, strictest } from './gateRules.ts';
import { interpretItem } from './interpret.ts';
import { parseItem } from './item.ts';

describe('a gate', () => {
  test('in the text of a parameter is what it is in a package', () => {
    const rules = { max_accuracy_drop: 0.02, confidence: 0.9, min_agreement: 0.8, max_time_ratio: 1.5, min_chips: 500 };
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
    ['agreement=0.9', /an object with max_accuracy_drop, .*, and nothing else$/],
    ['confidence=0.9', /at least one of max_accuracy_drop, min_agreement, max_time_ratio$/],
  ] as const)
    test(`that is none is refused: ${text}`, () => assert.throws(() => parseGate(text), says));

  test('of several sides is the strictest of each rule', () => {
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

  test('has no rule that the task can never answer', () => {
    const rules = { max_accuracy_drop: 0.05, min_agreement: 0.7, max_time_ratio: 2, min_chips: 10 };
    assert.deepEqual(answerable(rules, { classes: [1], isRightOrWrong: true }), rules);
    assert.deepEqual(answerable(rules, { classes: [], isRightOrWrong: false }), { max_time_ratio: 2, min_chips: 10 });
  });
});

describe('of a package', () => {
  const ofPackage = async (gate: unknown) =>
    interpretItem(parseItem(await editedItem([[...PROPERTIES, 'swath:gate'], gate]))).gate;

  test('is what swath:gate says', async () => {
    assert.deepEqual(await ofPackage({ min_agreement: 0.9 }), { min_agreement: 0.9 });
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
