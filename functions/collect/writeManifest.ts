import { type BatchLimits, type BulkFile, makeManifest, readLines, sceneOf } from '../../core/batches/manifest.ts';
import type { BatchRef, SceneRef } from '../../core/messages.ts';
import type { WriteObject } from '../../core/objectStore.ts';

/** Writes files down and cuts them into batches; answers what each has. The manifest is there before anybody is told of it. */
export async function writeManifest(
  ports: BatchLimits & { writeResult: WriteObject },
  files: readonly BulkFile[],
): Promise<{ batch: BatchRef; scenes: SceneRef[] }[]> {
  if (files.length === 0) return [];
  const { key, bytes, batches } = makeManifest(files, ports);
  await ports.writeResult(key, bytes);
  return batches.map((batch) => {
    const { offset, length } = batch;
    return { batch, scenes: readLines(bytes.subarray(offset, offset + length)).map(sceneOf) };
  });
}
