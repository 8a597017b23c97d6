import { predictionsKey } from '../keys.ts';
import type { RunRef } from '../messages.ts';
import type { ModelPackage } from '../models/package.ts';
import type { ReadVersion, RemoveVersion, ReplaceVersion } from '../objectStore.ts';
import { decodePredictions, encodePredictions } from '../predictions/batchPredictions.ts';
import type { ChipPrediction } from '../predictions/chipPrediction.ts';
import { contentDigits, contentOf } from '../run.ts';

export type BatchFile = ReturnType<typeof makeBatchFile>;

/** Who writes it: what two writers have in common, one of them is told from the other by. */
export type BatchWriter = { batch: Pick<RunRef, 'id' | 'model' | 'day'>; attempt: number; execution: string };

export type BatchFilePorts = {
  readVersion: ReadVersion;
  replaceVersion: ReplaceVersion;
  removeVersion: RemoveVersion;
  /** Makes sure that the batch is still held. */
  assertHeld: () => Promise<void>;
};

/**
 * The one file of a batch's predictions, by the contents of the scene files that they are of. It is written over only as
 * long as it is what was read last: a late worker of an earlier attempt can neither bring back what has been taken out
 * nor take out what has come in.
 *
 *   time → held? ── replace ── held?
 *                     └ what was written when the batch was another's is put back to what was there before
 */
export function makeBatchFile(
  { readVersion, replaceVersion, removeVersion, assertHeld }: BatchFilePorts,
  { batch, attempt, execution }: BatchWriter,
  classesOf: () => Promise<ModelPackage['classes']>,
) {
  const key = predictionsKey(batch, 0);
  /** The predictions of each content that was classified here or was in the file at any time that it was read. */
  const known = new Map<string, readonly ChipPrediction[]>();
  let inFile = new Set<string>();
  let last: Awaited<ReturnType<ReadVersion>> = null;
  let writes = 0;

  /** Looks what is there. Without it, nothing is taken to be. */
  async function read(): Promise<void> {
    await remember(await readVersion(key));
  }

  async function remember(found: typeof last): Promise<void> {
    last = found;
    inFile = new Set();
    if (found === null) return;
    const stored = new Map<string, ChipPrediction[]>();
    for (const chip of await decodePredictions(await classesOf(), found.bytes)) {
      const content = contentOf(chip);
      const chips = stored.get(content) ?? [];
      chips.push(chip);
      stored.set(content, chips);
    }
    inFile = new Set(stored.keys());
    for (const [content, chips] of stored) if (!known.has(content)) known.set(content, chips);
  }

  /**
   * Brings it to hold the predictions of these contents, by their digests, and no others. Whoever has come after another
   * writes it at least once, be it the same or of nothing, and before any file comes to its end by that: or a write of the
   * other one that is still on its way would find what it has read.
   *
   * @returns whether it was written, and so the batch was held after that
   */
  function write(digests: readonly string[]): Promise<boolean> {
    return bring(() => [...new Set(digests.map(nameOf))], attempt > 1 && writes === 0);
  }

  /** Takes the predictions of a content out, and leaves the others. */
  async function remove(digest: string): Promise<void> {
    await bring(() => [...inFile].filter((content) => content !== nameOf(digest)), false);
  }

  /** Rows without a digest, of a former release, are known by the digits that their ids have of the content. */
  function nameOf(digest: string): string {
    return known.has(digest) ? digest : contentDigits(digest);
  }

  async function bring(contentsNow: () => string[], isMust: boolean): Promise<boolean> {
    for (;;) {
      const contents = contentsNow();
      const isSame = contents.length === inFile.size && contents.every((content) => inFile.has(content));
      if (isSame && !isMust) return false;
      const chips = contents.flatMap((content) => known.get(content) ?? []);
      writes += 1;
      const bytes = encodePredictions(await classesOf(), chips, `${execution}#${attempt}-${writes}`);
      await assertHeld();
      if (await replace(bytes)) {
        inFile = new Set(contents);
        return true;
      }
      // Another attempt came before: with what it has written, once more.
    }
  }

  /** Answers whether it was still what was read last; else it is read. */
  async function replace(bytes: Uint8Array): Promise<boolean> {
    const before = last;
    try {
      const version = await replaceVersion(key, bytes, before?.version ?? null);
      if (version === null) {
        const found = await readVersion(key);
        if (!isSameFile(found, bytes)) {
          await remember(found);
          return false;
        }
        last = found; // the answer to it was lost
      } else last = { bytes, version };
      await assertHeld();
      return true;
    } catch (error) {
      await putBack(bytes, before).catch(() => {}); // then whoever has the batch now does: it writes the file anew
      throw error;
    }
  }

  /** Where a write has happened that nobody may rest upon, whether its answer was lost or the batch. */
  async function putBack(bytes: Uint8Array, before: typeof last): Promise<void> {
    const found = await readVersion(key);
    if (found === null || !isSameFile(found, bytes)) return;
    if (before === null) await removeVersion({ key, version: found.version });
    else await replaceVersion(key, before.bytes, found.version);
  }

  return {
    read,
    /** What was classified now, to be written. */
    add: (digest: string, chips: readonly ChipPrediction[]) => void known.set(digest, chips),
    write,
    remove,
    /** Whether the predictions of a content are known: they were classified here, or were in it when it was read. */
    has: (digest: string) => known.has(nameOf(digest)),
    /** Whether it holds nothing, or is not there. */
    isEmpty: () => inFile.size === 0,
  };
}

/** Two writes are never of the same bytes, as each says by whom it is. */
function isSameFile(found: { bytes: Uint8Array } | null, bytes: Uint8Array): boolean {
  return found !== null && Buffer.compare(found.bytes, bytes) === 0;
}
