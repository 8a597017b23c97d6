import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelPackage } from '../../core/package/package.ts';
import { DARK_BAND, DARK_DAY } from '../../replay/plan.ts';
import { readSample, type Sample } from '../../replay/sceneFile.ts';
import { printable } from '../terminal/text.ts';
import { SAMPLES, SHARD } from './bundled.ts';

export async function readShard(model: ModelPackage): Promise<Sample<Uint8Array>> {
  return readSample(SHARD, await readFile(join(SAMPLES, SHARD)), model);
}

/** A note on the fifteen days for a model without a profile, which cannot show that a band goes dark. */
export function unwatchedText({ name, version }: Pick<ModelPackage, 'name' | 'version'>): string {
  return printable(
    `${name} ${version} has no profile of its bands, so no alarm shows that ${DARK_BAND.band} goes dark on day ${DARK_DAY}.`,
  );
}
