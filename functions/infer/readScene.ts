import { hash } from 'node:crypto';
import { InvalidSceneFile } from '../../core/errors.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import type { SceneLimits } from '../../core/limits.ts';
import type { ModelRef, SceneRef } from '../../core/messages.ts';
import type { ModelPackage } from '../../core/models/package.ts';
import { changedWhileRead, type OpenScene } from '../../core/objectStore.ts';
import { runId } from '../../core/run.ts';
import type { Chip } from '../../core/scenes/chip.ts';
import { rangesIn } from '../../core/scenes/rangesIn.ts';
import { type FoundChips, makeReadChips } from '../../core/scenes/readChips.ts';

/** What one pass over a bulk file found: few bytes, so all of it is in memory. */
export type ReadScene = FoundChips & {
  size: number;
  digest: string;
  /** The chips that are not blank. */
  seen: Chip[];
};

/**
 * Reads a small scene file whole, and checks it as preprocess checks one of any size: what is said of it is the same.
 *
 * @param live the version that is shadowed, where it is read for the one that shadows it
 */
export function makeReadScene(
  openScene: OpenScene,
  model: ModelPackage,
  limits: SceneLimits,
  claimMessages: Ledger['claimMessages'],
  live?: ModelRef,
) {
  const readChips = makeReadChips(model, limits);

  return async (scene: SceneRef): Promise<ReadScene> => {
    const opened = await openScene(scene);
    const { key } = scene;
    let bytes: Uint8Array = new Uint8Array();
    let digest = '';
    /** The file in one piece, in which its chips stay. */
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
      const counts = await readChips(stream, (chip) => void seen.push(chip));
      return { size: bytes.length, digest, ...counts, seen };
    } catch (error) {
      if (error instanceof InvalidSceneFile && (await opened.hasChanged())) throw changedWhileRead(key);
      throw error;
    } finally {
      opened.close();
    }
  };
}

/** All of a file in memory of its own: a source may write its next chunk into the buffer of one that it has handed out. */
async function whole(chunks: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let length = 0;
  for await (const chunk of chunks) {
    const buffer = chunk.subarray(0, size - length);
    bytes.set(buffer, length);
    length += buffer.length;
    if (buffer.length < chunk.length) break; // it grew while it was read, so it is another version: its digest says so
  }
  return bytes.subarray(0, length);
}
