import { sigmoid } from '../../arrays/activation.ts';
import { LARGEST_FLOAT32, type Plane } from '../../arrays/dataTypes.ts';
import type { Area } from '../../package/area.ts';
import type { Column } from '../../package/carry.ts';
import type { PackageFacts } from '../../package/facts.ts';
import type { Layer } from '../../package/layer.ts';
import type { PixelLayout } from '../../package/outputLayout.ts';
import type { Decoded } from '../../package/task.ts';

/** Columns besides the mean of a chip's values: their extremes, and the number of pixels with a value. */
export const SPREAD: readonly Column[] = [
  { name: 'minimum', type: 'DOUBLE', isDistinct: true },
  { name: 'maximum', type: 'DOUBLE', isDistinct: true },
  { name: 'pixels', type: 'INT32' },
];

/** The map of predicted values, with one band for each value of a pixel; none for a value per chip. */
export function layersOf({ output }: PackageFacts): Layer[] {
  const channels = output.pixels?.channels ?? 0;
  return Array.from({ length: channels }, (_, channel) => ({
    map: 'predictions',
    description: channels === 1 ? 'value' : `value ${channel + 1}`,
    dataType: 'float32',
    nodata: Number.NaN,
    scale: 1,
    offset: 0,
    resampling: 'average',
  }));
}

export const storable = (value: number): number | null => (Math.abs(value) <= LARGEST_FLOAT32 ? value : null);

/** Decodes each chip's pixels, with their mean and extremes over all bands; null for a chip without values. */
export function decodeMap(outputs: Plane, { output }: PackageFacts, areas: readonly Area[]): Decoded {
  const layout = output.pixels!;
  const perChip = layout.shape.reduce((product, size) => product * size, 1);
  const isLogistic = output.activation === 'sigmoid';
  const found = areas.map((area, chip) => {
    const sums = { n: 0, sum: 0, minimum: Infinity, maximum: -Infinity };
    const planes = Array.from({ length: layout.channels }, (_, channel) => {
      return decodePlane(outputs, chip * perChip + channel * layout.strides.channel, layout, area, isLogistic, sums);
    });
    const { n, sum, minimum, maximum } = sums;
    const pixels = planes.length === 1 ? n : countAny(planes);
    return { planes, pixels, ...(n > 0 ? { mean: sum / n, minimum, maximum } : NONE) };
  });
  return {
    values: {
      value: found.map(({ mean }) => mean),
      minimum: found.map((one) => one.minimum),
      maximum: found.map((one) => one.maximum),
      pixels: found.map(({ pixels }) => pixels),
    },
    planes: found.map(({ planes }) => planes),
  };
}

type Sums = Record<'n' | 'sum' | 'minimum' | 'maximum', number>;

/** Decodes one band of a chip's area, given in its pixels; the model may return several values a pixel and side. */
function decodePlane(outputs: Plane, from: number, layout: PixelLayout, area: Area, isLogistic: boolean, sums: Sums) {
  const { strides, margin, upscaling } = layout;
  const [width, height] = [area.width * upscaling, area.height * upscaling];
  const values = new Float32Array(width * height).fill(Number.NaN);
  const [top, left] = [(area.y - margin.top) * upscaling, (area.x - margin.left) * upscaling];
  for (let y = 0, i = 0; y < height; y += 1) {
    let at = from + (top + y) * strides.row + left * strides.column;
    const validRow = Math.floor(y / upscaling) * area.width;
    for (let x = 0; x < width; x += 1, i += 1, at += strides.column) {
      if (area.valid !== null && area.valid[validRow + Math.floor(x / upscaling)] === 0) continue;
      const value = isLogistic ? sigmoid(outputs[at]!) : outputs[at]!;
      if (!(Math.abs(value) <= LARGEST_FLOAT32)) continue;
      values[i] = value;
      sums.n += 1;
      sums.sum += value;
      if (value < sums.minimum) sums.minimum = value;
      if (value > sums.maximum) sums.maximum = value;
    }
  }
  return values;
}

function countAny(planes: readonly Float32Array[]): number {
  const [first] = planes;
  let pixels = 0;
  for (let i = 0; i < first!.length; i += 1) if (planes.some((plane) => !Number.isNaN(plane[i]))) pixels += 1;
  return pixels;
}

const NONE = { mean: null, minimum: null, maximum: null };
