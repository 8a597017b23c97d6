import type { BatchRef, SceneRef } from '../../core/base/messages.ts';
import type { WriteObject } from '../../core/base/objectStore.ts';
import { type BatchLimits, type BulkFile, makeManifest, readLines, sceneOf } from '../../core/batches/manifest.ts';

/** Writes a manifest of files, split into batches; returns the batches. The manifest exists before any batch is started. */
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
