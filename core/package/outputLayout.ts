import type { Activation } from '../arrays/activation.ts';
import type { OutputType } from '../arrays/dataTypes.ts';
import type { Size } from '../arrays/resize.ts';
import { type Dimension, dimensionOf } from './dimension.ts';

export type ModelOutput = Activation & {
  readonly name: string;
  readonly dataType: OutputType;
  /** For a sigmoid: the probability from which each class holds. */
  readonly thresholds: readonly number[];
  /** For pixel models: whether each class's probability is written as a map of its own. */
  readonly probabilities: boolean;
  /** The layout of a chip's numbers if each pixel has its own; null if the chip has them as a whole. */
  readonly pixels: PixelLayout | null;
};

export type PixelLayout = Size & {
  /** As in the graph, without the batch. */
  readonly shape: readonly number[];
  /** Numbers per pixel. */
  readonly channels: number;
  /** The stride of each dimension within one chip's output. */
  readonly strides: { readonly channel: number; readonly row: number; readonly column: number };
  /** The output's pixels per chip pixel along each side: 1, except for super-resolution. */
  readonly upscaling: number;
  /** Pixels at the chip's top and left (and bottom and right) that the model omits, because it sees no neighbours there. */
  readonly margin: { readonly top: number; readonly left: number };
};

type Result = { readonly shape: readonly number[]; readonly dim_order: readonly string[] };

/** Returns whether an output has numbers per pixel, by the names of its dimensions. */
export const isOfPixels = ({ dim_order: order }: Pick<Result, 'dim_order'>): boolean =>
  placeOf(order, 'height') >= 0 && placeOf(order, 'width') >= 0;

/**
 * Reads the layout of an output with numbers per pixel: the batch first, then height, width and optionally a dimension of
 * channels, in any order. A size of -1 is the chip's. Returns null if there are other dimensions.
 */
export function pixelLayout({ shape: given, dim_order: order }: Result, chip: Size): PixelLayout | null {
  const [row, column] = [placeOf(order, 'height'), placeOf(order, 'width')];
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
    height,
    width,
    shape: shape.slice(1),
    channels: channel === undefined ? 1 : shape[channel]!,
    strides: { channel: channel === undefined ? 0 : strideOf(channel), row: strideOf(row), column: strideOf(column) },
    upscaling,
    margin: { top: (chip.height - height / upscaling) / 2, left: (chip.width - width / upscaling) / 2 },
  };
}

const placeOf = (order: readonly string[], dimension: Dimension): number =>
  order.findIndex((name) => dimensionOf(name) === dimension);
