import { encodeOnnx } from '../models/onnx.ts';
import { encodeExample, encodeTfRecord } from '../tfrecord.ts';
import { type Edit, editedItem, OUTPUT, PROPERTIES, smallModel } from './packages.ts';

/** For tests: a package of the task regression, and files for it. Its model gives half the mean of a chip's one band. */

const SIDE = 4;
export const REFERENCE = { edges: [0, 20, 40, 60, 80, 100], counts: [100, 300, 400, 150, 50] };

/** The item's edits; other ones may follow. */
export const HEIGHTS: readonly Edit[] = [
  ...smallModel([{ name: 'A', data_type: 'uint8' }], [SIDE, SIDE]),
  [`${PROPERTIES}/mlm:name`, 'heights'],
  [`${PROPERTIES}/mlm:tasks`, ['regression']],
  [`${PROPERTIES}/swath:blank_max`, 0],
  [`${PROPERTIES}/swath:truth`, 'height'],
  [
    OUTPUT,
    {
      name: 'height',
      tasks: ['regression'],
      result: { shape: [-1, 1], dim_order: ['batch', 'value'], data_type: 'float32' },
    },
  ],
];

/** The package's files by their names. */
export async function heightsPackage(...edits: Edit[]): Promise<Record<string, string | Uint8Array>> {
  return {
    'item.json': JSON.stringify(await editedItem(...HEIGHTS, ...edits)),
    'model.onnx': model(),
    'reference.json': JSON.stringify({ unit: 'chip', bins: REFERENCE }),
    'README.md': '# heights 1.0.0\n\nHalf the mean of a chip, to try the task regression with.\n',
  };
}

function model(): Uint8Array {
  return encodeOnnx({
    name: 'heights',
    inputs: [{ name: 'chips', dimensions: ['batch', 1, SIDE, SIDE] }],
    outputs: [{ name: 'height', dimensions: ['batch', 1] }],
    constants: [{ name: 'half', dimensions: [1, 1], values: [0.5] }],
    nodes: [
      { operator: 'ReduceMean', inputs: ['chips'], outputs: ['mean'], attributes: { axes: [2, 3], keepdims: 0 } },
      { operator: 'MatMul', inputs: ['mean', 'half'], outputs: ['height'] },
    ],
  });
}

/** A scene file with a chip for each height, of twice that brightness; with what is true of them, if anything is. */
export function heightsScene(heights: readonly number[], truths: readonly number[] = []): Uint8Array {
  return Buffer.concat(
    heights.map((height, chip) => {
      const truth = truths[chip];
      return encodeTfRecord(
        encodeExample([
          ['A', { kind: 'bytes', values: [new Uint8Array(SIDE * SIDE).fill(2 * height)] }],
          ...(truth === undefined ? [] : [['height', { kind: 'float', values: [truth] }] as const]),
        ]),
      );
    }),
  );
}
