import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openModel } from '../../local/stack/openModel.ts';
import {
  type Edit,
  editedPackage,
  INPUT,
  isRefusedPackage,
  OUTPUT,
  PROPERTIES,
  smallModel,
} from '../../test/benches/packages.ts';
import { encodeOnnx, type OnnxNode, type OnnxValue } from '../../test/models/onnx.ts';
import type { ChipBatch } from './feed.ts';

/** What the graph gets, by models that give it back: two bands of uint16, chips of 2 × 1 pixels. */

const A = { name: 'A', data_type: 'uint16' };
const B = { name: 'B', data_type: 'uint16' };

const part: ChipBatch = {
  chips: 2,
  bands: [
    { name: 'A', dataType: 'uint16', values: Uint16Array.of(1000, 6000, 40000, 65535) },
    { name: 'B', dataType: 'uint16', values: Uint16Array.of(1, 2, 3, 4) },
  ],
};

const classes = (count: number): Edit[] => [
  [`${OUTPUT}/classification:classes`, Array.from({ length: count }, (_, value) => ({ value, name: `c${value}` }))],
  [`${OUTPUT}/result/shape`, [-1, count]],
];
const reference = { classes: { c0: 1 } };

/** A model that gives back as float32 what its inputs take, one after the other. */
function echo(inputs: OnnxValue[], width: number): Uint8Array {
  const nodes = inputs.flatMap(({ name }): OnnxNode[] => [
    { operator: 'Cast', inputs: [name], outputs: [`${name}:float`], attributes: { to: 1 } },
    { operator: 'Flatten', inputs: [`${name}:float`], outputs: [`${name}:flat`], attributes: { axis: 1 } },
  ]);
  const flat = inputs.map(({ name }) => `${name}:flat`);
  const joined: OnnxNode = { operator: 'Concat', inputs: flat, outputs: ['scores'], attributes: { axis: 1 } };
  return encodeOnnx({
    name: 'echo',
    inputs,
    constants: [],
    outputs: [{ name: 'scores', dimensions: ['n', width] }],
    nodes: [...nodes, joined],
  });
}

describe('an input', () => {
  for (const { type, scaling, first } of [
    // numpy: ((dn - 1000) / 10000).astype(float16)
    { type: 'float16', scaling: 'clip((A - 1000) / 10000, 0, 2)', first: [0, 0.5] },
    { type: 'float16', scaling: 'A / 3', first: [333.25, 2000] },
    { type: 'int64', scaling: '(A - 3500) / 2500 * 17179869184', first: [-(2 ** 34), 2 ** 34] },
    { type: 'int64', scaling: 'A / 7 - 500', first: [-357, 357] },
  ] as const)
    test(`of ${type} gets the values of ${scaling}, rounded to that type`, async () => {
      const model = await editedPackage(
        [
          ...smallModel([A, B], [2, 1], ['A']),
          [`${INPUT}/input/data_type`, type],
          [`${INPUT}/value_scaling`, [{ type: 'processing', format: 'swath', expression: scaling }]],
          ...classes(2),
        ],
        reference,
      );
      const graph = echo([{ name: 'x', dimensions: ['n', 1, 2, 1], type }], 2);
      const { scores } = await openModel(model, graph);
      assert.deepEqual([...(await scores(part, 0, 2))].slice(0, 2), first);
    });
});

describe('several inputs', () => {
  const second = {
    name: 'ratios',
    bands: ['B', { name: 'ratio', format: 'swath', expression: 'A / B' }, 'A'],
    input: { shape: [-1, 2, 1, 3], dim_order: ['batch', 'height', 'width', 'bands'], data_type: 'float32' },
    value_scaling: [{ type: 'scale', value: 2 }, { type: null }, { type: 'offset', value: 1000 }],
  };
  const edits: Edit[] = [
    ...smallModel([A, B], [2, 1], ['A', 'B']),
    [`${INPUT}/name`, 'raw'],
    [`${INPUT}/input/data_type`, 'int64'],
    [`${PROPERTIES}/mlm:input/1`, second],
    ...classes(10),
  ];
  const prepared: ChipBatch = {
    chips: 2,
    bands: [
      ...part.bands,
      { name: 'B:1', dataType: 'uint16', values: part.bands[1]!.values },
      { name: 'ratio', dataType: 'float32', values: Float32Array.of(1000, 3000, 10, 20) },
      { name: 'A:1', dataType: 'uint16', values: part.bands[0]!.values },
    ],
  };
  const ratios: OnnxValue = { name: 'ratios', dimensions: ['n', 2, 1, 3] };
  const raw: OnnxValue = { name: 'raw', dimensions: ['n', 2, 2, 1], type: 'int64' };

  test('each get their own bands, scaling, layout and type', async () => {
    const model = await editedPackage(edits, reference);
    assert.deepEqual(
      model.bands.map(({ name }) => name),
      prepared.bands.map(({ name }) => name),
    );
    const { scores } = await openModel(model, echo([raw, ratios], 10));
    assert.deepEqual(
      [...(await scores(prepared, 0, 2))],
      [1000, 6000, 1, 2, 0.5, 1000, 0, 1, 3000, 5000, 40000, 65535, 3, 4, 1.5, 10, 39000, 2, 20, 64535],
    );
  });

  for (const [inputs, says] of [
    [
      [raw, { ...ratios, name: 'other' }],
      'model.onnx: found the inputs "raw", "other", allowed is one named as in mlm:input[1].name, "ratios"',
    ],
    [[raw], 'found 1 inputs ("raw"), allowed is 2, as many as'],
    [[raw, { ...ratios, type: 'uint8' }], 'model.onnx: input "ratios": found the type uint8, allowed is float32'],
  ] as [inputs: OnnxValue[], says: string][])
    test(says, async () => {
      const model = await editedPackage(edits, reference);
      await isRefusedPackage(openModel(model, echo(inputs, 10)), says);
    });

  for (const [edit, says] of [
    [
      [`${PROPERTIES}/mlm:input/1/input/shape`, [-1, 4, 1, 3]],
      'properties.mlm:input[1].input.shape: found [-1,4,1], allowed is the batch, height and width of the first input, [-1,2,1]',
    ],
    [
      [`${PROPERTIES}/mlm:input/1/resize_type`, 'crop'],
      'properties.mlm:input[1].resize_type: found "crop", allowed is that of the first input, null',
    ],
    [
      [`${PROPERTIES}/mlm:input/1/bands`, []],
      'properties.mlm:input[1].bands: found [], allowed is the bands that it takes, since there are other inputs',
    ],
  ] as [edit: Edit, says: string][])
    test(says, () => isRefusedPackage(editedPackage([...edits, edit], reference), says));
});
