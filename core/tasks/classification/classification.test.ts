import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { modelOf } from '../../../test/benches/predictions.ts';
import { ledgerRowSchema } from '../../ledger/ledgerRow.ts';
import { joined } from '../../package/carry.ts';
import { inRow, namedIn, ofRow } from '../registry.ts';
import { withTruths } from '../sums.ts';
import { accuracyOfCounts } from './accuracy.ts';
import { classification } from './classification.ts';
import { classificationShown } from './shown.ts';

// The order of the package is the order of the columns; the values say nothing about it.
const classes = [
  { value: 30, name: 'three' },
  { value: -1, name: 'none' },
  { value: 4, name: 'four' },
];
const model = { ...modelOf(classes), reference: [5, 3, 2] };
const { columns, datums, shape, summary } = classification;
const decode = (outputs: ArrayLike<number>, chips: number, of = model) =>
  classification.decode(outputs, chips, of).values;

test('a model has an output for each class', () => {
  assert.deepEqual(shape(model), [3]);
  assert.deepEqual(
    columns(model).map(({ name, type }) => `${name} ${type}`),
    ['label INT32', 'class STRING', 'probability FLOAT', 'p_30 FLOAT', 'p_minus_1 FLOAT', 'p_4 FLOAT'],
  );
});

describe('a prediction', () => {
  test('has the probabilities that its file has, float32, and the class of the higher one before they are rounded', () => {
    const found = decode(Float64Array.of(0.1, 0.45 - 1e-12, 0.45), 1);
    assert.deepEqual(
      [found['p_30'], found['p_minus_1'], found['p_4'], found['probability']],
      [[Math.fround(0.1)], [Math.fround(0.45)], [Math.fround(0.45)], [Math.fround(0.45)]],
    );
    assert.deepEqual(found['class'], ['four']);
  });

  for (const [what, row, label] of [
    ['the class of the highest probability', [0.25, 0.5, 0.25], -1],
    ['the first of equals', [0.25, 0.375, 0.375], -1],
    ['the first class if all are equal', [0, 0, 0], 30],
    ['the highest of negative outputs', [-3, -2, -1], 4],
    ['missing with a NaN', [0.5, NaN, 0.5], null],
    ['missing with a NaN in front', [NaN, 0.5, 0.5], null],
    ['missing with an infinity', [0, Infinity, 0], null],
    ['missing with a negative infinity', [0.5, 0.5, -Infinity], null],
  ] as const)
    test(`is ${what}`, () => {
      const predictions = decode(row, 1, model);
      const winner = classes.findIndex(({ value }) => value === label);
      const isMissing = label === null;
      const numbers = isMissing ? [null, null, null] : row;
      assert.deepEqual(predictions, {
        label: [label],
        class: [classes[winner]?.name ?? null],
        probability: [numbers[winner] ?? null],
        p_30: [numbers[0]],
        p_minus_1: [numbers[1]],
        p_4: [numbers[2]],
      });
      assert.deepEqual(summary.of(predictions, model), {
        counts: classes.map(({ value }) => (value === label ? 1 : 0)),
        missing: isMissing ? 1 : 0,
        probabilitySum: isMissing ? 0 : row[winner],
      });
    });

  test('equals a naive implementation in batches of any size, and in sums by batch or together', () => {
    const output = fc.constantFrom(0, 0.125, 0.25, 0.5, 1, NaN, Infinity);
    const rows = fc.array(fc.tuple(output, output, output), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 7 }), (rows, size) => {
        const batches = Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => {
          const some = rows.slice(i * size, (i + 1) * size);
          return decode(Float32Array.from(some.flat()), some.length, model);
        });
        const whole = rows.filter((row) => row.every(Number.isFinite));
        const highest = whole.map((row) => Math.max(...row));
        const wanted = {
          counts: classes.map((_, i) => whole.filter((row, chip) => row.indexOf(highest[chip]!) === i).length),
          missing: rows.length - whole.length,
          probabilitySum: highest.reduce((sum, one) => sum + one, 0),
        };
        assert.deepEqual(summary.of(joined(columns(model), batches), model), wanted);
        const added = batches.map((batch) => summary.of(batch, model)).reduce(summary.add, summary.zero(model));
        assert.deepEqual(added, wanted);
      }),
    );
  });
});

describe('the prediction sets of a package with a threshold', () => {
  const sure = { ...model, heldOut: { chips: 100, right: 90, threshold: 0.7 } };
  const outputs = [0.5, 0.3, 0.2, 0.1, 0.3, 0.6, 0.25, 0.5, 0.25, NaN, 0.5, 0.5];
  const values = decode(outputs, 4, sure);

  test('are a column of names, the most probable first', () => {
    assert.deepEqual(values['set'], ['three, none', 'four, none', 'none', null]);
    assert.ok(columns(sure).some(({ name }) => name === 'set'));
    assert.ok(!columns(model).some(({ name }) => name === 'set') && !('set' in decode(outputs, 4)));
  });

  test('are part of answers and of what pages show', () => {
    const answers = [0, 2, 3].map((chip) => classification.answer(values, chip, sure)['set']);
    assert.deepEqual(answers, [['three', 'none'], ['none'], null]);
    assert.ok(!('set' in classification.answer(decode(outputs, 4), 0, model)));
    assert.equal(classification.said.of(values, 1).set, 'four, none');
    assert.equal(classification.said.of(decode(outputs, 4), 1).set, null);
  });

  test('say how many chips are unsure, in sums that add up and keep it beside truths', () => {
    const sum = summary.of(values, sure);
    assert.equal(sum.unsure, 2);
    assert.equal(summary.add(sum, sum).unsure, 4);
    assert.equal(withTruths(sum, [{ value: 30, truth: 30 }], classification.countTruths(sure)).unsure, 2);
    assert.equal(ofRow(inRow(sum, sure))['unsure'], 2);
    assert.equal(summary.add(sum, summary.zero(sure)).unsure, 2);
    const unsure = classificationShown.brief(sum).find(({ name }) => name === 'unsure');
    assert.ok(Math.abs(unsure!.value! - 2 / 3) < 1e-12);
    const none = classificationShown.brief(summary.of(decode(outputs, 4), model)).find(({ name }) => name === 'unsure');
    assert.match(`${none!.value}, ${none!.note}`, /^null, as the version has no prediction sets/);
    assert.ok(classificationShown.figures(sum, sure).some(({ name }) => name === 'Unsure'));
    assert.ok(!('unsure' in summary.of(decode(outputs, 4), model)));
    assert.ok(
      !classificationShown.figures(summary.of(decode(outputs, 4), model), model).some(({ name }) => name === 'Unsure'),
    );
  });

  test('leave the class of an unsure chip empty if the package abstains, while everything counts the most probable one', () => {
    const abstaining = { ...sure, abstains: true as const };
    const left = decode(outputs, 4, abstaining);
    assert.deepEqual(
      [left['class'], left['label']],
      [
        [null, null, 'none', null],
        [null, null, values['label']![2], null],
      ],
    );
    assert.deepEqual(left['top_label'], values['label']);
    assert.deepEqual(left['probability'], values['probability']);
    assert.ok(columns(abstaining).some(({ name }) => name === 'top_label'));
    assert.deepEqual(summary.of(left, abstaining), summary.of(values, sure));
    const truth = [...(values['label'] as (number | null)[])];
    assert.deepEqual(summary.of({ ...left, truth }, abstaining), summary.of({ ...values, truth }, sure));
    for (const chip of [0, 1, 2, 3])
      assert.deepEqual(classification.said.of(left, chip), classification.said.of(values, chip));
    const [given, withheld] = [values, left].map((of) => classification.answer(of, 0, abstaining));
    assert.deepEqual(withheld, { ...given, class: null, label: null });
  });

  test('are shortened to 200 bytes', () => {
    const many = Array.from({ length: 300 }, (_, value) => ({ value, name: `class-${value}` }));
    const wide = { ...modelOf(many), reference: many.map(() => 1), heldOut: { chips: 100, right: 90, threshold: 1 } };
    const found = decode(
      many.map((_, i) => (i === 7 ? 0.1 : 0.9 / 299)),
      1,
      wide,
    );
    const [text] = found['set'] as string[];
    assert.ok(Buffer.byteLength(text!) <= 200 && text!.length > 180, text);
    assert.match(text!, /^class-7, class-0, .*class-\d+, …$/);
    for (let letters = 1; letters < 60; letters += 1) {
      const classes = [
        { value: 0, name: 'x'.repeat(letters) },
        ...Array.from({ length: 12 }, (_, i) => ({ value: i + 1, name: 'y'.repeat(20) })),
      ];
      const equal = decode(
        classes.map(() => 1 / 13),
        1,
        { ...wide, classes },
      );
      assert.ok(Buffer.byteLength(String(equal['set']![0])) <= 200, `${letters} letters`);
    }
    assert.equal((classification.answer(found, 0, wide)['set'] as string[]).length, 300);
    assert.equal(summary.of(found, wide).unsure, 1);
  });
});

describe('right and wrong predictions', () => {
  /** A chip of each place that was predicted, null where there is no prediction; and what its file says. */
  const sumOf = (...chips: [predicted: number | null, truth: number | null][]) => {
    const outputs = chips.flatMap(([predicted]) =>
      classes.map((_, i) => (predicted === null ? NaN : Number(i === predicted))),
    );
    return summary.of({ ...decode(outputs, chips.length, model), truth: chips.map(([, truth]) => truth) }, model);
  };
  const labelled = sumOf([0, 30], [1, 30], [1, -1], [2, null], [null, 4]);
  const unlabelled = sumOf([0, null], [1, null]);
  const accuracyOf = (sum: typeof labelled) => datums(sum, model).find(({ metric }) => metric === 'Accuracy')?.value;

  test('are counted by the true class, for chips with a prediction and a truth', () => {
    assert.deepEqual(
      [labelled['truths'], labelled['right']],
      [
        [2, 1, 0],
        [1, 1, 0],
      ],
    );
    assert.equal(accuracyOf(labelled), 2 / 3);
  });

  test('are unknown if no file has a truth', () => {
    assert.deepEqual(Object.keys(unlabelled), ['counts', 'missing', 'probabilitySum']);
    assert.equal(accuracyOf(unlabelled), null);
    assert.equal(accuracyOf(summary.zero(model)), null);
  });

  test('add up, also with sums without truth', () => {
    const more = [unlabelled, summary.zero(model), sumOf([2, 4])].reduce(summary.add, labelled);
    assert.deepEqual(
      [more['truths'], more['right']],
      [
        [2, 1, 1],
        [1, 1, 1],
      ],
    );
    assert.deepEqual(summary.add(unlabelled, labelled)['truths'], [2, 1, 0]);
    assert.deepEqual(Object.keys(summary.add(unlabelled, unlabelled)), Object.keys(unlabelled));
  });

  test('are read back from a row', () => {
    const row = inRow(labelled, model);
    assert.partialDeepStrictEqual(JSON.parse(row.summary), {
      names: ['three', 'none', 'four'],
      counts: [1, 2, 1],
      missing: 1,
      probabilitySum: 4,
      truths: [2, 1, 0],
      right: [1, 1, 0],
      wrong: [0, 1, 0],
      confused: [[0, 1, 1]],
      reliability: [[14, 3, 2, 3]],
    });
    assert.deepEqual(namedIn(row), [
      { name: 'three', count: 1 },
      { name: 'none', count: 2 },
      { name: 'four', count: 1 },
    ]);
    assert.deepEqual(ofRow(ledgerRowSchema.pick({ summary: true }).required().parse(row)), labelled);
    assert.deepEqual(ofRow(inRow(unlabelled, model)), unlabelled);
    const wrong = sumOf([0, 4]);
    assert.deepEqual(ofRow(inRow(wrong, model)), wrong);
  });

  test('are counted by predicted probability in rows that store it', () => {
    const stored = ofRow(inRow(labelled, model)) as never;
    assert.partialDeepStrictEqual(accuracyOfCounts(stored, model)?.calibration, { chips: 3, error: 1 / 3 });
    assert.equal(accuracyOfCounts(unlabelled, model), null);
  });

  test('are counted again when truth is added later, with the stored probabilities', () => {
    const chips = [
      { value: 30, probability: 0.5, truth: 30 },
      { value: -1, probability: 0.7, truth: 4 },
      { value: null, probability: null, truth: 4 },
      { value: 4, probability: 0.9, truth: null },
    ];
    const told = withTruths(labelled, chips, classification.countTruths(model));
    assert.partialDeepStrictEqual(accuracyOfCounts(told, model)?.calibration, {
      chips: 2,
      error: (0.5 + 0.7) / 2,
      bins: [
        { chips: 1, share: 1, probability: 0.5 },
        { chips: 1, share: 0, probability: 0.7 },
      ],
    });
  });
});

describe('accuracy without truth', () => {
  const sum = { counts: [60, 30, 10], missing: 3, probabilitySum: 80 };
  const able = { ...model, heldOut: { chips: 500, right: 400 } };
  const published = (of: typeof model) =>
    datums(sum, of).find(({ metric }) => metric === 'EstimatedAccuracy')?.value ?? null;

  test('is estimated only for a package with its accuracy on held-out data', () => {
    assert.deepEqual([published(able), published(model)], [0.8, null]);
    assert.equal(classificationShown.estimate!(sum, model), null);
    const figure = classificationShown.figures(sum, able).find(({ name }) => name === 'Estimated accuracy');
    assert.equal(figure?.note?.replaceAll('\u00a0', ' '), '68 % to 92 %');
    assert.equal(classificationShown.estimate!(summary.zero(able), able), null);
  });
});
