import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const MODELS = fileURLToPath(new URL('../../models', import.meta.url));
export const SAMPLES = fileURLToPath(new URL('../../samples', import.meta.url));

/** The scene from which the chips of the fifteen days are drawn. */
export const SHARD = 'droughtwatch/part-r-00012';

const SENTINEL_2 = ['sentinel-2/s2-t29unu-60m-256.tif'];

/** A new data folder serves the first one. */
const BUNDLED = [
  bundled('droughtwatch-baseline', [SHARD], '1.1.0'), // the version that has a profile of its bands
  bundled('landsat-statlog', ['landsat-statlog/test.csv']),
  bundled('digits', ['digits/t10k-first-500.npz']),
  bundled('spam', ['spam/texts.csv']),
  bundled('s2-scl', SENTINEL_2),
  bundled('s2-b8a', SENTINEL_2),
] as const;

export const [FIRST_BUNDLED] = BUNDLED;

export const bundledModel = (name: string) => BUNDLED.find((one) => one.name === name);
export const bundledNames: readonly string[] = BUNDLED.map(({ name }) => name);

function bundled(name: string, samples: readonly string[], version = '1.0.0') {
  return { name, folder: join(MODELS, name, version), samples: samples.map((path) => join(SAMPLES, path)) };
}
