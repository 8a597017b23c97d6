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
  for (const { dims, shape = [-1, 1, 2, 2, 1], says } of [
    { dims: 'batch time channel height width' },
    { dims: 'b t c h w', shape: [-1, 2, 1, 2, 1] },
    { dims: 'batch channel time height width' },
    { dims: 'batch height time bands width', shape: [-1, 2, 2, 1, 1] },
    { dims: 'batch time height width bands', says: 'input.dim_order: found ["batch","time",' },
    {
      dims: 'batch time bands height width',
      shape: [-1, -1, 2, 2, 1],
      says: '"time" stands before or behind the bands',
    },
    {
      dims: 'batch time bands height width',
      shape: [-1, 3, 2, 2, 1],
      says: "found 6, allowed is 2, the number of the input's bands, listed for each of the dates by a name of its own",
    },
  ])
    test(`of ${dims}, of the sizes ${shape}, ${says ? 'is refused' : 'gets the bands of all dates'}`, async () => {
      const reading = editedPackage(
        [
          ...smallModel([A, B], [2, 1]),
          ...classes(4),
          [`${INPUT}/input/dim_order`, dims.split(' ')],
          [`${INPUT}/input/shape`, shape],
        ],
        reference,
      );
      if (says !== undefined) return isRefusedPackage(reading, says);
      const model = await reading;
      const onnx = echo([{ name: 'x', dimensions: shape.with(0, 0).map((size) => size || 'n') }], 4);
      const { scores } = await openModel(model, onnx);
      const rows = dims.includes('height time') ? [1000, 1, 6000, 2] : [1000, 6000, 1, 2];
      assert.deepEqual([...(await scores(part, 0, 1))], rows);
    });

  test('of batch, time and bands gets the values of a row, and may name no bands', async () => {
    const edits: Edit[] = [
      ...smallModel([A, B], [1, 1]),
      ...classes(2),
      [`${INPUT}/bands`, []],
      [`${PROPERTIES}/bands`, undefined],
      ['assets/model/bands', undefined],
      [`${INPUT}/input/dim_order`, ['batch', 'time', 'feature']],
      [`${INPUT}/input/shape`, [-1, 2, 1]],
    ];
    const model = await editedPackage(edits, reference);
    const names = model.source.bands.map(({ name }) => name);
    assert.deepEqual(names, ['f0', 'f1']);
    const bands = names.map((name, i) => ({ name, dataType: 'float32' as const, values: Float32Array.of(i, i + 4) }));
    const { scores } = await openModel(model, echo([{ name: 'x', dimensions: ['n', 2, 1] }], 2));
    assert.deepEqual([...(await scores({ chips: 2, bands }, 0, 2))], [0, 1, 4, 5]);
  });

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
