import type { Area } from '../../maps/area.ts';
import { sigmoid } from '../../models/activation.ts';
import type { Plane } from '../../models/dataTypes.ts';
import type { ModelPackage } from '../../models/package.ts';
import type { Column } from '../../predictions/column.ts';
import type { DecodedPixels, Layer } from '../task.ts';

/** Beside the mean of a chip's pixels: their extremes, and how many there are. */
export const SPREAD: readonly Column[] = [
  { name: 'minimum', type: 'DOUBLE', isDistinct: true },
  { name: 'maximum', type: 'DOUBLE', isDistinct: true },
  { name: 'pixels', type: 'INT32' },
];

/** The map of predicted values. */
export const MAP: Layer = {
  ...{ map: 'predictions', description: 'value', dataType: 'float32' },
  ...{ nodata: Number.NaN, scale: 1, offset: 0, resampling: 'average' },
};

/** What a float of 32 bits can hold: no model means a larger number. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** A value as it is kept; null where it is none. */
export function storable(value: number): number | null {
  return Math.abs(value) <= LARGEST ? value : null;
}

/** Of each chip its pixels' values, and their mean and extremes; null where it has none. */
export function decodeMap(outputs: Plane, { output }: ModelPackage, areas: readonly Area[]): DecodedPixels {
  const { shape, strides, margin } = output.pixels!;
  const perChip = shape.reduce((product, size) => product * size, 1);
  const isLogistic = output.activation === 'sigmoid';
  const found = areas.map((area, chip) => {
    const values = new Float32Array(area.width * area.height).fill(Number.NaN);
    let [n, sum, minimum, maximum] = [0, 0, Infinity, -Infinity];
    for (let y = 0, i = 0; y < area.height; y += 1) {
      let at = chip * perChip + (area.y + y - margin.top) * strides.row + (area.x - margin.left) * strides.column;
      for (let x = 0; x < area.width; x += 1, i += 1, at += strides.column) {
        if (area.valid !== null && area.valid[i] === 0) continue;
        const value = isLogistic ? sigmoid(outputs[at]!) : outputs[at]!;
        if (!(Math.abs(value) <= LARGEST)) continue;
        values[i] = value;
        n += 1;
        sum += value;
        if (value < minimum) minimum = value;
        if (value > maximum) maximum = value;
      }
    }
    return { values, pixels: n, ...(n > 0 ? { mean: sum / n, minimum, maximum } : NONE) };
  });
  return {
    values: {
      value: found.map(({ mean }) => mean),
      minimum: found.map((one) => one.minimum),
      maximum: found.map((one) => one.maximum),
      pixels: found.map(({ pixels }) => pixels),
    },
    planes: found.map(({ values }) => [values]),
  };
}

const NONE = { mean: null, minimum: null, maximum: null };
