import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Prediction, readPredictions } from '../predictions.ts';
import { framesOf } from '../scenes.ts';
import { jsonLines, swath } from '../swath.ts';
import type { SceneFile } from './sceneFiles.ts';

const SHARD = fileURLToPath(new URL('../../samples/droughtwatch/part-r-00012', import.meta.url));

/** Classifies the bundled file once, where nothing fails, and answers what a file cut from it has to come to. */
export async function readShardPredictions(): Promise<(file: SceneFile) => Prediction[]> {
  const home = await mkdtemp(join(tmpdir(), 'swath-shard-'));
  try {
    const [line] = jsonLines<{ predictions: string[] }>(await swath(['classify', SHARD, '--json'], home));
    const parts = await Promise.all(line!.predictions.map(async (path) => readPredictions(await readFile(path))));
    const byChip = new Map(parts.flatMap(({ rows }) => rows).map((row) => [row.index, row]));
    return (file) => expectedOf(file, byChip);
  } finally {
    await rm(home, { recursive: true });
  }
}

function expectedOf({ bytes, sha256, chips }: SceneFile, byChip: Map<number, Prediction>): Prediction[] {
  const expected: Prediction[] = [];
  let offset = 0;
  for (const [index, frame] of framesOf(bytes).entries()) {
    const found = byChip.get(chips[index]!); // a blank chip has none
    const content = { chip_id: `${sha256.slice(0, 16)}-${index}`, digest: sha256 };
    const place = { ...content, index, offset: BigInt(offset), length: frame.length };
    if (found !== undefined) expected.push(Object.assign({ ...found }, place));
    offset += frame.length;
  }
  return expected;
}
