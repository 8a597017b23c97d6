import { encodeOnnx } from './onnx.ts';
import { BANDS, pixelsPackage, SIDE, sumAround } from './pixelsPackage.ts';

/** How many pixels of the map lie side by side in one of the scene. */
export const UPSCALING = 2;

/** A power of two, so that a multiple of a sum of bytes is exact. */
const WEIGHT = 1 / 64;

/**
 * A model of super-resolution to try maps with, whose weights are made up: of each band, a pixel's four are 1, 2, 3 and 4
 * times the sum of it and its eight neighbours. It sees one pixel to each side, and beyond a chip's edge zeros.
 */
export function finerPackage(): Record<string, string | Uint8Array> {
  const files = pixelsPackage();
  const item = JSON.parse(String(files['item.json']));
  const { properties } = item;
  const [{ 'classification:classes': _classes, ...output }] = properties['mlm:output'];
  const size = SIDE * UPSCALING;
  const json = {
    ...item,
    id: 'finer-1.0.0',
    properties: {
      ...properties,
      'mlm:name': 'finer',
      'mlm:tasks': ['super-resolution'],
      'mlm:output': [
        {
          ...output,
          tasks: ['super-resolution'],
          result: { ...output.result, shape: [-1, BANDS.length, size, size] },
          post_processing_function: null,
        },
      ],
    },
  };
  return {
    ...files,
    'item.json': JSON.stringify(json),
    'model.onnx': network(),
    'reference.json': JSON.stringify({ bins: { edges: [0, 20, 40, 100], counts: [1, 1, 1] } }),
  };
}

/** What the model says of a whole picture, band by band, worked out pixel by pixel. */
export function finerBy(planes: readonly Uint8Array[], width: number, height: number): Float32Array[] {
  return planes.map((plane) =>
    Float32Array.from({ length: width * height * UPSCALING ** 2 }, (_, i) => {
      const [x, y] = [i % (width * UPSCALING), Math.floor(i / (width * UPSCALING))];
      const times = 1 + (y % UPSCALING) * UPSCALING + (x % UPSCALING);
      return times * WEIGHT * sumAround(plane, { width, height }, Math.floor(x / UPSCALING), Math.floor(y / UPSCALING));
    }),
  );
}

function network(): Uint8Array {
  const [bands, kernel] = [BANDS.length, 9];
  const channels = bands * UPSCALING ** 2;
  const weights = Array.from({ length: channels * bands * kernel }, (_, i) => {
    const [to, from] = [Math.floor(i / (bands * kernel)), Math.floor(i / kernel) % bands];
    return to % bands === from ? WEIGHT * (1 + Math.floor(to / bands)) : 0;
  });
  return encodeOnnx({
    name: 'finer',
    inputs: [{ name: 'input', dimensions: ['batch', bands, 'height', 'width'] }],
    outputs: [{ name: 'output', dimensions: ['batch', bands, 'rows', 'columns'] }],
    constants: [
      { name: 'weights', dimensions: [channels, bands, 3, 3], values: weights },
      { name: 'bias', dimensions: [channels], values: Array.from({ length: channels }, () => 0) },
    ],
    nodes: [
      {
        operator: 'Conv',
        inputs: ['input', 'weights', 'bias'],
        outputs: ['deep'],
        attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
      },
      { operator: 'DepthToSpace', inputs: ['deep'], outputs: ['output'], attributes: { blocksize: UPSCALING } },
    ],
  });
}
