import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runtimes } from '../../local/stack/openModel.ts';
import { type Edit, editedPackage, INPUT, OUTPUT, smallModel } from '../../test/benches/packages.ts';
import { openModel } from './predict.ts';
import type { Runtime, Tensors } from './runtime.ts';

/** A second runtime: its models run elsewhere, so it never reads their files. */

const BANDS = ['A', 'B'].map((name) => ({ name, data_type: 'uint8' }));
const elsewhere: Edit[] = [
  ...smallModel(BANDS, [1, 1]),
  ['assets/model/mlm:artifact_type', 'endpoint'],
  [`${INPUT}/name`, 'pixels'],
  [`${OUTPUT}/name`, 'scores'],
];
const unread = () => Promise.reject(new Error('its file is not needed'));
const part = {
  chips: 3,
  bands: BANDS.map(({ name }, i) => ({ name, dataType: 'uint8' as const, values: Uint8Array.of(10 * i, 1, 2) })),
};

function makeEndpoint(give: (inputs: Tensors) => Tensors) {
  const asked: Tensors[] = [];
  const endpoint: Runtime = {
    name: 'endpoint',
    takes: ({ artifact }) => artifact.format === 'endpoint',
    open: async () => ({
      run: async (inputs) => {
        asked.push(inputs);
        return give(inputs);
      },
    }),
  };
  return { asked, opening: { runtimes: [...runtimes, endpoint], threads: 1 } };
}

/** Four numbers a chip, of which the winner is the value of band B. */
function winners(inputs: Tensors): Tensors {
  const { dims, data } = inputs.get('pixels')!;
  const [chips = 0, values = 0] = dims;
  const rows = Array.from({ length: chips }, (_, chip) =>
    [0, 1, 2, 3].map((i) => (i === Number(data[chip * values + 1]) % 4 ? 0.7 : 0.1)),
  );
  return new Map([['scores', { type: 'float32', dims: [chips, 4], data: Float32Array.from(rows.flat()) }]]);
}

describe('a model of another format', () => {
  test('is run by the runtime that takes it, on tensors by the names of its package', async () => {
    const { asked, opening } = makeEndpoint(winners);
    const { predict } = await openModel(await editedPackage(elsewhere), unread, opening);
    const { values, planes } = await predict(part, 1, 2);
    assert.deepEqual(Array.from(values['label']!), [1, 2]);
    assert.equal(planes, null);
    const [tensors = assert.fail()] = asked;
    assert.deepEqual([...tensors.keys()], ['pixels']);
    assert.partialDeepStrictEqual(tensors.get('pixels'), { type: 'float32', dims: [2, 2, 1, 1] });
  });

  test('with one number for two classes gives the class and both probabilities', async () => {
    const asked = [[3, 1], [3]]; // with and without the dimension of that number
    const { opening } = makeEndpoint(
      () => new Map([['scores', { type: 'float32', dims: asked.shift()!, data: Float32Array.of(-2, 0.5, NaN) }]]),
    );
    const two = [3, 7].map((value) => ({ value, name: `class-${value}` }));
    const binary: Edit[] = [
      [`${OUTPUT}/classification:classes`, two],
      [`${OUTPUT}/result/shape`, [-1, 1]],
      [`${OUTPUT}/post_processing_function`, { format: 'swath', expression: 'sigmoid' }],
    ];
    const model = await editedPackage([...elsewhere, ...binary], { classes: { 'class-3': 1, 'class-7': 1 } });
    const { predict } = await openModel(model, unread, opening);
    const { label, p_3, p_7 } = (await predict(part, 0, 3)).values;
    assert.deepEqual((await predict(part, 0, 3)).values['p_7'], p_7);
    assert.deepEqual(label, [3, 7, null]);
    // scipy.special.expit([-2, 0.5]), scipy 1.17.1
    const probabilities = [0.11920292202211755, 0.6224593312018546];
    for (const [chip, probability] of probabilities.entries())
      assert.deepEqual(
        [p_3![chip], p_7![chip]].map((one) => Number(one).toFixed(6)),
        [(1 - probability).toFixed(6), probability.toFixed(6)],
      );
    assert.deepEqual([p_3![2], p_7![2]], [null, null]);
  });

  test('is refused if its output has another shape or name than its package says', async () => {
    const wide = (inputs: Tensors): Tensors =>
      new Map([['scores', { ...winners(inputs).get('scores')!, dims: [1, 8] }]]);
    for (const give of [wide, () => new Map()]) {
      const { predict } = await openModel(await editedPackage(elsewhere), unread, makeEndpoint(give).opening);
      await assert.rejects(predict(part, 1, 2), {
        name: 'InvalidModelPackage',
        message: /^model\.onnx: found an output of the shape \[.*\], allowed is \[2, 4\]: a row for each chip/,
      });
    }
  });
});
