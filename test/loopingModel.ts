import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { indicesPackage } from './models/buildIndices.ts';
import { encodeOnnx, type OnnxGraph, type OnnxNode } from './models/onnx.ts';

const [BANDS, CLASSES] = [2, 4];

type Loops = { rounds: number };

/**
 * A model package whose one call takes as many rounds of a loop as it says, or goes on for ever: but only on real chips, on which
 * something grows here and nothing there (NDVI differs by more than 0.4). Others, such as those that a model is tried with, it classifies
 * at once.
 */
export function loopingPackage({ rounds }: Loops): Record<string, string | Uint8Array> {
  return { ...indicesPackage(), 'model.onnx': encodeOnnx(looping(rounds)) };
}

/** Writes one that goes by the bundled model's name, so it can be promoted in its place. */
export function buildLoopingModel(folder: string, loops: Loops = { rounds: Number.POSITIVE_INFINITY }): void {
  const files = loopingPackage(loops);
  const item = JSON.parse(String(files['item.json']));
  Object.assign(item.properties, { 'mlm:name': 'droughtwatch-baseline', version: '9.0.0' });
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries({ ...files, 'item.json': JSON.stringify(item) }))
    writeFileSync(join(folder, name), content);
}

/** What a round does with what it is `given`. */
export type LoopBody = Omit<OnnxNode, 'outputs'>;

/** One round of a loop over a value for each band, which does something with what it is `given`, and always goes on. */
export function roundOf(body: LoopBody): OnnxGraph {
  return {
    name: 'round',
    inputs: [
      { name: 'number', dimensions: [], type: 'int64' },
      { name: 'isOn', dimensions: [], type: 'bool' },
      { name: 'given', dimensions: ['before', BANDS] },
    ],
    outputs: [
      { name: 'goesOn', dimensions: [], type: 'bool' },
      { name: 'handed', dimensions: ['after', BANDS] },
    ],
    constants: [],
    nodes: [
      { operator: 'Identity', inputs: ['isOn'], outputs: ['goesOn'] },
      { ...body, outputs: ['handed'] },
    ],
  };
}

function looping(rounds: number): OnnxGraph {
  const isBounded = Number.isFinite(rounds);
  return {
    name: 'looping',
    inputs: [{ name: 'indices', dimensions: ['batch', 65, 65, BANDS] }],
    outputs: [{ name: 'probabilities', dimensions: ['batch', CLASSES] }],
    constants: [
      { name: 'ndvi', dimensions: [BANDS, 1], values: [1, 0] },
      { name: 'edge', dimensions: [], values: [0.4] },
      ...(isBounded ? [{ name: 'rounds', dimensions: [], values: [rounds] }] : []),
      { name: 'dense', dimensions: [BANDS, CLASSES], values: Array(BANDS * CLASSES).fill(1) },
    ],
    nodes: [
      { operator: 'ReduceMean', inputs: ['indices'], outputs: ['mean'], attributes: { axes: [1, 2], keepdims: 0 } },
      { operator: 'ReduceMax', inputs: ['indices'], outputs: ['most'], attributes: { axes: [1, 2], keepdims: 0 } },
      { operator: 'ReduceMin', inputs: ['indices'], outputs: ['least'], attributes: { axes: [1, 2], keepdims: 0 } },
      { operator: 'Sub', inputs: ['most', 'least'], outputs: ['ranges'] },
      { operator: 'MatMul', inputs: ['ranges', 'ndvi'], outputs: ['range'] },
      { operator: 'ReduceMax', inputs: ['range'], outputs: ['sharpest'], attributes: { keepdims: 0 } },
      { operator: 'Greater', inputs: ['sharpest', 'edge'], outputs: ['isReal'] },
      ...(isBounded ? [{ operator: 'Cast', inputs: ['rounds'], outputs: ['limit'], attributes: { to: 7 } }] : []),
      {
        operator: 'Loop',
        inputs: [isBounded ? 'limit' : '', 'isReal', 'mean'],
        outputs: ['after'],
        body: roundOf({ operator: 'Neg', inputs: ['given'] }),
      },
      { operator: 'MatMul', inputs: ['after', 'dense'], outputs: ['logits'] },
      { operator: 'Softmax', inputs: ['logits'], outputs: ['probabilities'], attributes: { axis: -1 } },
    ],
  };
}
