import { indicesPackage } from '../models/buildIndices.ts';
import { encodeOnnx, type OnnxGraph, type OnnxNode } from '../models/onnx.ts';
import type { Package } from '../suite/subject.ts';

/** Bands and classes of the package of indices, whose item these packages have. */
const [BANDS, CLASSES] = [2, 4];

/**
 * The package of indices with a model that goes round in a circle before it answers: `rounds` times, or for ever.
 * Whoever runs it is busy, as with a model that is too large, and answers nobody.
 */
export function slowPackage({ rounds }: { rounds: number }): Package {
  return { ...indicesPackage(), 'model.onnx': slowModel(rounds) };
}

function slowModel(rounds: number): Uint8Array {
  const isEndless = rounds === Number.POSITIVE_INFINITY;
  const limits: OnnxNode[] = [
    { operator: 'Cast', inputs: ['one'], outputs: ['going'], attributes: { to: 9 } },
    ...(isEndless ? [] : [{ operator: 'Cast', inputs: ['rounds'], outputs: ['trips'], attributes: { to: 7 } }]),
  ];
  return encodeOnnx({
    name: 'slow',
    inputs: [{ name: 'indices', dimensions: ['batch', 65, 65, BANDS] }],
    outputs: [{ name: 'probabilities', dimensions: ['batch', CLASSES] }],
    constants: [
      { name: 'one', dimensions: [], values: [1] },
      ...(isEndless ? [] : [{ name: 'rounds', dimensions: [], values: [rounds] }]),
      { name: 'dense', dimensions: [BANDS, CLASSES], values: Array(BANDS * CLASSES).fill(1) },
    ],
    nodes: [
      ...limits,
      { operator: 'ReduceMean', inputs: ['indices'], outputs: ['mean'], attributes: { axes: [1, 2], keepdims: 0 } },
      {
        operator: 'Loop',
        inputs: [isEndless ? '' : 'trips', 'going', 'mean'],
        outputs: ['after'],
        attributes: { body: round },
      },
      { operator: 'MatMul', inputs: ['after', 'dense'], outputs: ['logits'] },
      { operator: 'Softmax', inputs: ['logits'], outputs: ['probabilities'], attributes: { axis: -1 } },
    ],
  });
}

/** One round: it hands on what it was given. */
const round: OnnxGraph = {
  name: 'round',
  inputs: [
    { name: 'number', dimensions: [], type: 'int64' },
    { name: 'isOn', dimensions: [], type: 'bool' },
    { name: 'given', dimensions: ['batch', BANDS] },
  ],
  outputs: [
    { name: 'goesOn', dimensions: [], type: 'bool' },
    { name: 'handed', dimensions: ['batch', BANDS] },
  ],
  constants: [],
  nodes: [
    { operator: 'Identity', inputs: ['isOn'], outputs: ['goesOn'] },
    { operator: 'Neg', inputs: ['given'], outputs: ['handed'] },
  ],
};
