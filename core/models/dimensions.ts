import type { Dimension } from './package.ts';

/** What dimensions of an input are called: by MLM's README ("Dimension Order"), and in items that there are. */
const NAMES: Readonly<Record<Dimension, readonly string[]>> = {
  batch: ['batch', 'b'],
  bands: ['bands', 'band', 'channel', 'channels', 'c', 'variables', 'feature', 'features'],
  height: ['height', 'h', 'y', 'lat', 'latitude'],
  width: ['width', 'w', 'x', 'lon', 'longitude'],
};

/** The dimension that a name means; undefined where it is another one, such as time. */
export function dimensionOf(name: string): Dimension | undefined {
  const found = Object.entries(NAMES).find(([, names]) => names.includes(name));
  return found?.[0] as Dimension | undefined;
}

export const bandsDimension = (name: string) => dimensionOf(name) === 'bands';
