export type Dimension = 'batch' | 'bands' | 'height' | 'width';

/** Names of dimensions: from MLM's README ("Dimension Order"), and from existing items. */
const NAMES: Readonly<Record<Dimension, readonly string[]>> = {
  batch: ['batch', 'b', 'n'],
  bands: ['bands', 'band', 'channel', 'channels', 'c', 'variables', 'feature', 'features'],
  height: ['height', 'h', 'y', 'lat', 'latitude', 'row', 'rows'],
  width: ['token', 'width', 'w', 'x', 'lon', 'longitude', 'column', 'columns'],
};

/** Returns the dimension that a name stands for; undefined for others, such as time. */
export const dimensionOf = (name: string): Dimension | undefined =>
  Object.entries(NAMES).find(([, names]) => names.includes(name.toLowerCase()))?.[0] as Dimension | undefined;
