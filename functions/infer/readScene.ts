import { hash } from 'node:crypto';
import { InvalidSceneFile } from '../../core/base/errors.ts';
import type { SceneLimits } from '../../core/base/limits.ts';
import { type ModelRef, runId, type SceneRef } from '../../core/base/messages.ts';
import { changedWhileRead, type OpenScene } from '../../core/base/objectStore.ts';
import { formatsOfCounted } from '../../core/doors/formatsOf.ts';
import { doorOf } from '../../core/ledger/doorOf.ts';
import type { Chip, ModelPackage } from '../../core/package/package.ts';
import { rangesIn } from '../../core/scenes/rangesIn.ts';
import { type FoundChips, makeReadChips } from '../../core/scenes/readChips.ts';

/** The result of one pass over a bulk file, which is small enough to be in memory. */
export type ReadScene = FoundChips & { size: number; digest: string; seen: Chip[] };

/** Makes the same checks and errors as preprocess. `live` is the live version, if a file is read for its shadow. */
export function makeReadScene(
  openScene: OpenScene,
  model: ModelPackage,
  { resultsBucket, sceneLimits: limits }: { resultsBucket: string; sceneLimits: SceneLimits },
  claimMessages: (ids: readonly string[], run: string) => Promise<Set<string>>,
  live?: ModelRef,
) {
  const readChips = makeReadChips(model, limits);

  return async (scene: SceneRef): Promise<ReadScene> => {
    const formats = formatsOfCounted(scene, resultsBucket);
    if (model.mask?.map !== undefined && doorOf(scene) === 'file')
      throw new InvalidSceneFile(
        `${scene.key}: found a file among bulk or gathered files, of which ${model.mask.map.model} makes no map that could be the mask of ${model.name}; allowed is one that is sent by itself`,
      );
    const opened = await openScene(scene);
    const { key } = scene;
    let bytes: Uint8Array = new Uint8Array();
    let digest = '';
    /** The whole file in one buffer, which its chips refer to. */
    const chunks = async function* () {
      bytes = await whole(opened.chunks, opened.size);
      digest = hash('sha256', bytes);
      if (await opened.hasChanged(digest)) throw changedWhileRead(key);
      if (bytes.length > 0) yield bytes;
    };
    try {
      const seen: Chip[] = [];
      const range = (offset: number, length: number) => rangesIn(bytes)(offset, length);
      const { size, sibling } = opened;
      const claim = (ids: readonly string[]) => claimMessages(ids, runId(scene, live ?? model));
      const stream = { key, size, chunks: chunks(), range, claim, ...(sibling && { sibling }), ...(live && { live }) };
      const counts = await readChips(stream, (chip) => void seen.push(chip), formats);
      return { size: bytes.length, digest, ...counts, seen };
    } catch (error) {
      if (error instanceof InvalidSceneFile && (await opened.hasChanged())) throw changedWhileRead(key);
      throw error;
    } finally {
      opened.close();
    }
  };
}

/** Copies a file into memory of its own: a source may reuse the buffer of a chunk for the next one. */
async function whole(chunks: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let length = 0;
  for await (const chunk of chunks) {
    const buffer = chunk.subarray(0, size - length);
    bytes.set(buffer, length);
    length += buffer.length;
    if (buffer.length < chunk.length) break; // it grew while being read, so it is another version, as its digest shows
  }
  return bytes.subarray(0, length);
}
