export type Dimension = 'batch' | 'bands' | 'height' | 'width';

/** Names of dimensions: from MLM's README ("Dimension Order"), and from existing items. */
const NAMES: Readonly<Record<Dimension, readonly string[]>> = {
  batch: ['batch', 'b', 'n'],
  bands: ['bands', 'band', 'channel', 'channels', 'c', 'variables', 'feature', 'features'],
  height: ['height', 'h', 'y', 'lat', 'latitude', 'row', 'rows'],
  width: ['token', 'width', 'w', 'x', 'lon', 'longitude', 'column', 'columns'],
};

/** Returns an input with time and bands beside each other as one dimension of the bands of all dates, in its order; `split` has both sizes. Others, and those of free sizes, stay as they are. */
export function withoutTime<Of extends { shape: number[]; dim_order: string[] }>(
  tensor: Of,
): Of & { split?: number[] } {
  const { shape, dim_order: order } = tensor;
  const time = order.findIndex((name) => /^(time|t)$/i.test(name));
  const bands = order.findIndex((name) => dimensionOf(name) === 'bands');
  const first = Math.min(time, bands);
  const [size = 0, other = 0] = shape.slice(first, first + 2);
  if (first < 1 || Math.abs(time - bands) > 1 || Math.min(size, other) < 1) return tensor;
  const [sizes, names] = [shape.toSpliced(first, 2, size * other), order.toSpliced(first, 2, order[bands]!)];
  return { ...tensor, shape: sizes, dim_order: names, split: [size, other] };
}

/** Returns the dimension that a name stands for; undefined for others, such as time. */
export const dimensionOf = (name: string): Dimension | undefined =>
  Object.entries(NAMES).find(([, names]) => names.includes(name.toLowerCase()))?.[0] as Dimension | undefined;
