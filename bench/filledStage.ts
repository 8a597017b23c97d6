import type { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { predictionsKey } from '../core/keys.ts';
import type { SceneRef } from '../core/messages.ts';
import { runId } from '../core/run.ts';
import type { FakeAws } from '../test/packaged/fakeAws.ts';
import { fillLedger, type Rows } from './fillLedger.ts';
import { MODEL } from './memoryPorts.ts';

type Stage = {
  tables: DynamoDBDocument;
  names: { ledger: string; metrics: string };
  aws: Pick<FakeAws, 'objects'>;
  results: string;
};

/**
 * Puts further files into a stage as if they had gone through it: their rows, the files themselves and their predictions,
 * which share the bytes of those of one that has. Answers their scenes.
 */
export async function fillStage(
  { tables, names, aws: { objects }, results }: Stage,
  like: { scene: SceneRef; rows: Rows },
  files: { first: number; count: number; when: (file: number) => Date },
): Promise<SceneRef[]> {
  const inbox = objects.get(like.scene.bucket)!;
  const predictions = objects.get(results)!;
  const { bytes } = inbox.get(`${like.scene.key}#${like.scene.versionId}`)!;
  const [, parquet] = [...predictions].find(([key]) => key.endsWith('.parquet'))!;
  const scenes = await fillLedger(tables, names, like.rows, files);
  for (const [i, scene] of scenes.entries()) {
    const modified = files.when(files.first + i);
    const run = { id: runId(scene, MODEL), model: MODEL, day: modified.toISOString().slice(0, 10) };
    inbox.set(`${scene.key}#${scene.versionId}`, { bytes, modified });
    predictions.set(predictionsKey(run, 0), { bytes: parquet.bytes, modified });
  }
  return scenes;
}
