import { predictionsKey } from '../keys.ts';
import type { RunRef } from '../messages.ts';
import type { ModelPackage } from '../models/package.ts';
import type { ReadVersion, ReplaceVersion } from '../objectStore.ts';
import { decodePredictions, encodePredictions } from '../predictions/batchPredictions.ts';
import type { ChipPrediction } from '../predictions/chipPrediction.ts';
import { contentDigits, contentOf } from '../run.ts';

export type BatchFile = ReturnType<typeof makeBatchFile>;

/** Who writes it: what two writers have in common, one of them is told from the other by. */
export type BatchWriter = { batch: Pick<RunRef, 'id' | 'model' | 'day'>; attempt: number; execution: string };

export type BatchFilePorts = {
  readVersion: ReadVersion;
  replaceVersion: ReplaceVersion;
  /** Makes sure that the batch is still held. */
  assertHeld: () => Promise<void>;
};

/**
 * The one file of a batch's predictions, by the contents of the scene files that they are of. It is written over only as
 * long as it is what was read last: a late worker of an earlier attempt can neither bring back what has been taken out
 * nor take out what has come in.
 */
export function makeBatchFile(
  { readVersion, replaceVersion, assertHeld }: BatchFilePorts,
  { batch, attempt, execution }: BatchWriter,
  classesOf: () => Promise<ModelPackage['classes']>,
) {
  const key = predictionsKey(batch, 0);
  /** The predictions of each content that was classified here or was in the file at any time that it was read. */
  const known = new Map<string, readonly ChipPrediction[]>();
  let inFile = new Set<string>();
  let version: string | null = null;
  let writes = 0;

  /** Looks what is there. Without it, nothing is taken to be. */
  async function read(): Promise<void> {
    await remember(await readVersion(key));
  }

  async function remember(found: Awaited<ReturnType<ReadVersion>>): Promise<void> {
    version = found?.version ?? null;
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
   * Brings it to hold the predictions of these contents, by their digests, and no others. For the `last` time, it is
   * written by whoever has come after another, be it the same or of nothing: or a write of the other one that is still on
   * its way would find what it has read.
   */
  function write(digests: readonly string[], { isLast = false } = {}): Promise<void> {
    return bring(() => [...new Set(digests.map(nameOf))], isLast);
  }

  /** Takes the predictions of a content out, and leaves the others. */
  function remove(digest: string): Promise<void> {
    return bring(() => [...inFile].filter((content) => content !== nameOf(digest)), false);
  }

  /** Rows without a digest, of a former release, are known by the digits that their ids have of the content. */
  function nameOf(digest: string): string {
    return known.has(digest) ? digest : contentDigits(digest);
  }

  async function bring(contentsNow: () => string[], isLast: boolean): Promise<void> {
    for (;;) {
      const contents = contentsNow();
      const isSame = contents.length === inFile.size && contents.every((content) => inFile.has(content));
      if (isSame && !(isLast && attempt > 1 && writes === 0)) return;
      const chips = contents.flatMap((content) => known.get(content) ?? []);
      writes += 1;
      const bytes = encodePredictions(await classesOf(), chips, `${execution}#${attempt}-${writes}`);
      await assertHeld();
      const written = await replaceVersion(key, bytes, version);
      if (written === null) {
        const found = await readVersion(key);
        await remember(found);
        const isOurs = found !== null && Buffer.compare(found.bytes, bytes) === 0; // the answer to it was lost
        if (!isOurs) continue; // another attempt came before: with what it has written, once more
        return;
      }
      version = written;
      inFile = new Set(contents);
      return;
    }
  }

  return {
    read,
    /** What was classified now, to be written. */
    add: (digest: string, chips: readonly ChipPrediction[]) => void known.set(digest, chips),
    write,
    remove,
    /** Whether it holds nothing, or is not there. */
    isEmpty: () => inFile.size === 0,
  };
}
