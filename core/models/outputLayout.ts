import type { OutputType } from './dataTypes.ts';
import type { Size } from './resize.ts';

/** What a model gives for one batch. */
export type ModelOutput = {
  readonly name: string;
  readonly dataType: OutputType;
  /** What makes probabilities of the model's numbers; null where they are probabilities, values or labels already. */
  readonly activation: 'softmax' | 'sigmoid' | null;
  /** What calibrates the probabilities; absent where nothing does. */
  readonly temperature?: number;
  /** Of a sigmoid: how probable each of the classes must be to hold. */
  readonly thresholds: readonly number[];
  /** Of a task of pixels: whether the probability of each class is written as a map of its own. */
  readonly probabilities: boolean;
  /** How the numbers for one chip lie, where each pixel has some of its own; null where a chip has them as a whole. */
  readonly pixels: PixelLayout | null;
};

/** How a model lays out what it gives for the pixels of one chip; the size is the output's. */
export type PixelLayout = Size & {
  /** As the graph has it, without the batch. */
  readonly shape: readonly number[];
  /** Numbers for each pixel. */
  readonly channels: number;
  /** How far apart in one chip's output the neighbours in each dimension are. */
  readonly strides: { readonly channel: number; readonly row: number; readonly column: number };
  /** So many pixels of the output lie side by side in one of the chip: 1, but of super-resolution. */
  readonly upscaling: number;
  /** Pixels at the chip's top and left (and bottom and right) for which the model gives nothing: it sees no neighbours there. */
  readonly margin: { readonly top: number; readonly left: number };
};

type Result = { readonly shape: readonly number[]; readonly dim_order: readonly string[] };

const ROWS = ['height', 'y', 'h', 'row', 'rows', 'lat', 'latitude'];
const COLUMNS = ['width', 'x', 'w', 'column', 'columns', 'lon', 'longitude'];

/** Whether an output has a number for each pixel, by the names of its dimensions. */
export function isOfPixels({ dim_order: order }: Pick<Result, 'dim_order'>): boolean {
  return placeOf(order, ROWS) >= 0 && placeOf(order, COLUMNS) >= 0;
}

/**
 * Reads the layout of an output that has numbers for each pixel: the batch first, then height, width and, where it has one, a
 * dimension of channels, in any order. A size of -1 is the chip's. Null where there are other dimensions.
 */
export function pixelLayout({ shape: given, dim_order: order }: Result, chip: Size): PixelLayout | null {
  const [row, column] = [placeOf(order, ROWS), placeOf(order, COLUMNS)];
  const others = order.map((_, i) => i).filter((i) => i > 0 && i !== row && i !== column);
  if (row < 1 || column < 1 || others.length > 1 || given.length !== order.length) return null;
  const shape = given.map((size, i) => {
    if (size !== -1) return size;
    return i === row ? chip.height : i === column ? chip.width : size;
  });
  const strideOf = (i: number) => shape.slice(i + 1).reduce((product, size) => product * size, 1);
  const [channel] = others;
  const [height, width] = [shape[row]!, shape[column]!];
  const isFiner = height > chip.height && height % chip.height === 0 && height * chip.width === width * chip.height;
  const upscaling = isFiner ? height / chip.height : 1;
  return {
    ...{ height, width, shape: shape.slice(1) },
    channels: channel === undefined ? 1 : shape[channel]!,
    strides: {
      channel: channel === undefined ? 0 : strideOf(channel),
      row: strideOf(row),
      column: strideOf(column),
    },
    upscaling,
    margin: { top: (chip.height - height / upscaling) / 2, left: (chip.width - width / upscaling) / 2 },
  };
}

function placeOf(order: readonly string[], names: readonly string[]): number {
  return order.findIndex((name) => names.includes(name.toLowerCase()));
}
