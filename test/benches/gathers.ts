import assert from 'node:assert/strict';
import { batchEventSchema, executionName, type ModelRef, type SceneRef, sceneId } from '../../core/base/messages.ts';
import type { FindObject } from '../../core/base/objectStore.ts';
import { readLines } from '../../core/batches/manifest.ts';
import { memoryBucket } from './memoryBucket.ts';

/** For tests of what gathers messages: a results bucket and executions in memory, and what has happened, in its order. */
export function makeGathers(lastModified: string) {
  const objects = new Map<string, Uint8Array>();
  const manifests = new Map<string, Uint8Array>();
  const happened: string[] = [];
  const started = new Map<string, unknown>();
  const known = new Set<string>(); // keys of scenes with a run that has not failed
  const findObject: FindObject = async ({ bucket, key }) => {
    const bytes = objects.get(key);
    if (bucket !== 'results' || bytes === undefined) return 'missing';
    return { bucket, key, versionId: 'v1', size: bytes.length, lastModified };
  };
  const ports = {
    objects: memoryBucket(objects, () => void happened.push('keep')),
    findObject,
    writeResult: async (key: string, bytes: Uint8Array) => {
      happened.push('manifest');
      manifests.set(key, bytes);
    },
    ledger: {
      announceBatch: async (batch: { id: string }, execution: string) => {
        assert.equal(execution, `arn:${executionName(batch.id, 1)}`);
        happened.push('row');
      },
      knownOf: async (scenes: readonly SceneRef[]) => new Set(scenes.filter(({ key }) => known.has(key)).map(sceneId)),
    },
    executions: {
      arnOf: (name: string) => `arn:${name}`,
      start: async (name: string, input: unknown) => {
        happened.push('start');
        if (started.has(name)) return 'known' as const;
        started.set(name, input);
        return 'started' as const;
      },
    },
    resultsBucket: 'results',
    leaseSeconds: 900,
    bytesPerBatch: 1e9,
    sceneLimits: { maxFileBytes: 1e9, maxRecordBytes: 1e8, maxChips: 1e6 },
  };

  /** What the batches hold that were started. */
  function batches(): { keys: string[]; day: string; model: ModelRef }[] {
    return [...started].flatMap(([name, input]) => {
      const { data } = batchEventSchema.safeParse(input);
      if (data === undefined) return [];
      const { id, manifest, offset, length, day, model, files } = data.batch;
      const keys = readLines(manifests.get(manifest)!.subarray(offset, offset + length)).map(({ key }) => key);
      assert.deepEqual([files, name], [keys.length, executionName(id, 1)]);
      return [{ keys, day, model }];
    });
  }

  return { ports, batches, objects, manifests, happened, started, known };
}
