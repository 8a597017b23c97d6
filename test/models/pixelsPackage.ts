import { readFileSync } from 'node:fs';
import type { Size } from '../../core/arrays/resize.ts';
import { encodeOnnx } from './onnx.ts';

/**
 * A model of pixels to try maps with, whose weights are made up: of two bands of bytes, A and B, the greater one over a pixel
 * and its eight neighbours says the class, unless neither is above 512 in sum. It sees one pixel to each side, and beyond a
 * chip's edge zeros.
 */

/** Of a chip, in pixels. */
export const SIDE = 16;
/** By which chips overlap. */
export const OVERLAP = 4;
export const BANDS = ['A', 'B'];
/** Values that are not their places. */
export const PIXEL_CLASSES = [
  { value: 0, name: 'water', color_hint: '1F78B4' },
  { value: 4, name: 'bare-soil', color_hint: 'D2B48C' },
  { value: 7, name: 'trees', color_hint: '2E8B57' },
] as const;

/** A power of two, so that sums of bytes are exact, and so is what is equal. */
const WEIGHT = 1 / 64;
const THRESHOLD = 512;

/** The package's files by their names; with `probabilities`, a map of these is asked for. */
export function pixelsPackage({ probabilities = false } = {}): Record<string, string | Uint8Array> {
  const item = JSON.parse(readFileSync(new URL('../../models/s2-scl/1.0.0/item.json', import.meta.url), 'utf8'));
  const { properties, assets } = item;
  const [input] = properties['mlm:input'];
  const [output] = properties['mlm:output'];
  const { 'file:size': _size, 'file:checksum': _checksum, ...model } = assets.model;
  const json = {
    ...item,
    id: 'pixels-1.0.0',
    properties: {
      ...properties,
      'mlm:name': 'pixels',
      bands: BANDS.map((name) => ({ name, data_type: 'uint8' })),
      'mlm:input': [
        { ...input, bands: BANDS, input: { ...input.input, shape: [-1, BANDS.length, -1, -1] }, value_scaling: null },
      ],
      'mlm:output': [
        {
          ...output,
          result: { ...output.result, shape: [-1, PIXEL_CLASSES.length, -1, -1] },
          'classification:classes': PIXEL_CLASSES,
        },
      ],
      'swath:chip_shape': [SIDE, SIDE],
      'swath:overlap': OVERLAP,
      ...(probabilities && { 'swath:probabilities': true }),
    },
    assets: { model: { ...model, bands: BANDS.map((name) => ({ name })) } },
  };
  const reference = { classes: Object.fromEntries(PIXEL_CLASSES.map(({ name }) => [name, 1])), chips: 30 };
  return {
    'item.json': JSON.stringify(json),
    'model.onnx': network(),
    'reference.json': JSON.stringify(reference),
    'README.md': '# pixels 1.0.0\n\nMade-up weights: to try maps with, not trained.\n',
  };
}

/**
 * What the model says of a whole picture, worked out pixel by pixel.
 *
 * @returns of each pixel the place of its class, and the probability of each class
 */
export function pixelsBy(planes: readonly Uint8Array[], width: number, height: number) {
  return Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const scores = [...planes.map((plane) => sumAround(plane, { width, height }, x, y)), THRESHOLD];
    const place = scores.indexOf(Math.max(...scores));
    const weights = scores.map((score) => Math.exp((score - scores[place]!) * WEIGHT));
    const all = weights.reduce((sum, weight) => sum + weight, 0);
    return { place, probabilities: weights.map((weight) => weight / all) };
  });
}

/** The sum of a pixel and its neighbours, beyond the edge zeros. */
export function sumAround(plane: Uint8Array, { width, height }: Size, x: number, y: number): number {
  let sum = 0;
  for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row += 1)
    for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column += 1)
      sum += plane[row * width + column]!;
  return sum;
}

function network(): Uint8Array {
  const classes = PIXEL_CLASSES.length;
  const kernel = 9;
  const weights = Array.from({ length: classes * BANDS.length * kernel }, (_, i) => {
    const [to, from] = [Math.floor(i / (BANDS.length * kernel)), Math.floor(i / kernel) % BANDS.length];
    return to === from ? WEIGHT : 0;
  });
  const free = ['batch', BANDS.length, 'height', 'width'];
  return encodeOnnx({
    name: 'pixels',
    inputs: [{ name: 'input', dimensions: free }],
    outputs: [{ name: 'output', dimensions: ['batch', classes, 'height', 'width'] }],
    constants: [
      { name: 'weights', dimensions: [classes, BANDS.length, 3, 3], values: weights },
      { name: 'bias', dimensions: [classes], values: [0, 0, THRESHOLD * WEIGHT] },
    ],
    nodes: [
      {
        operator: 'Conv',
        inputs: ['input', 'weights', 'bias'],
        outputs: ['scores'],
        attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
      },
      { operator: 'Softmax', inputs: ['scores'], outputs: ['output'], attributes: { axis: 1 } },
    ],
  });
}
