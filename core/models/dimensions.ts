import type { Dimension } from './package.ts';

/** Names of an input's dimensions: from MLM's README ("Dimension Order"), and from existing items. */
const NAMES: Readonly<Record<Dimension, readonly string[]>> = {
  batch: ['batch', 'b'],
  bands: ['bands', 'band', 'channel', 'channels', 'c', 'variables', 'feature', 'features'],
  height: ['height', 'h', 'y', 'lat', 'latitude'],
  width: ['width', 'w', 'x', 'lon', 'longitude'],
};

/** Returns the dimension that a name stands for; undefined for others, such as time. */
export function dimensionOf(name: string): Dimension | undefined {
  const found = Object.entries(NAMES).find(([, names]) => names.includes(name));
  return found?.[0] as Dimension | undefined;
}

export const bandsDimension = (name: string) => dimensionOf(name) === 'bands';
