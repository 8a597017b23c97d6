import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ModelPackage } from '../core/models/package.ts';
import { readSample, type Sample } from '../replay/sceneFile.ts';

/** The scenes that come with the project. */
export const SAMPLES = fileURLToPath(new URL('../samples', import.meta.url));

/** The one that the fifteen days are drawn from. */
export const SHARD = 'droughtwatch/part-r-00012';

export async function readShard(model: ModelPackage): Promise<Sample<Uint8Array>> {
  return readSample(SHARD, await readFile(join(SAMPLES, SHARD)), model);
}
