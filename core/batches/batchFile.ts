import { predictionsKey } from '../keys.ts';
import type { RunRef } from '../messages.ts';
import type { ModelPackage } from '../models/package.ts';
import type { ReadVersion, VersionedObjects } from '../objectStore.ts';
import { joined } from '../predictions/column.ts';
import { byName, namesOf } from '../predictions/contents.ts';
import { decodePredictions } from '../predictions/decodePredictions.ts';
import { encodePredictions } from '../predictions/encodePredictions.ts';
import { type Content, columnsOf, type Predictions } from '../predictions/predictionColumns.ts';

export type BatchFile = ReturnType<typeof makeBatchFile>;

/**
 * Who writes it. No two writers have all of this in common: a batch that is opened anew, once it was closed, begins with its
 * first attempt again, by the same execution perhaps.
 */
type BatchWriter = {
  batch: Pick<RunRef, 'id' | 'model' | 'day'>;
  attempt: number;
  execution: string;
  openedAt: string;
};

type BatchFilePorts = VersionedObjects & {
  assertHeld: () => Promise<void>;
};

/**
 * The one file of a batch's predictions, by the runs and the contents that they are of. It is written over only as
 * long as it is what was read last: a late worker of an earlier attempt can neither bring back what has been taken out
 * nor take out what has come in.
 *
 *   time → held? ── replace ── held?
 *                     └ what was written when the batch was another's is put back to what was there before
 */
export function makeBatchFile(
  { readVersion, replaceVersion, removeVersion, assertHeld }: BatchFilePorts,
  { batch, attempt, execution, openedAt }: BatchWriter,
  modelOf: () => Promise<ModelPackage>,
) {
  const key = predictionsKey(batch, 0);
  /** What was classified here or was in the file at any time that it was read, by the names that it goes by. */
  const known = new Map<string, Predictions>();
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
    const stored = byName(await decodePredictions(found.bytes, columnsOf(await modelOf())));
    inFile = new Set(stored.keys());
    for (const [name, predictions] of stored) if (!known.has(name)) known.set(name, predictions);
  }

  /**
   * Brings it to hold the predictions of these and no others; of two runs with the same content, those of the last. Whoever
   * has come after another writes it at least once, be it the same or of nothing, and before any file comes to its end by
   * that: or a write of the other one that is still on its way would find what it has read.
   *
   * @returns whether it was written, and so the batch was held after that
   */
  function write(those: readonly Content[]): Promise<boolean> {
    const ofContents = new Map(those.map((one) => [one.digest, namesOf(one)]));
    const nameIn = (names: string[]) => names.find((name) => known.has(name)) ?? names[0]!;
    return bring(() => [...new Set([...ofContents.values()].map(nameIn))], attempt > 1 && writes === 0);
  }

  /** Takes the predictions of a run out, and leaves the others. */
  async function remove(one: Content): Promise<void> {
    const names = namesOf(one);
    await bring(() => [...inFile].filter((name) => !names.includes(name)), false);
  }

  async function bring(namesNow: () => string[], isMust: boolean): Promise<boolean> {
    for (;;) {
      const names = namesNow();
      const isSame = names.length === inFile.size && names.every((name) => inFile.has(name));
      if (isSame && !isMust) return false;
      const model = await modelOf();
      const predictions = joined(
        columnsOf(model),
        names.flatMap((name) => known.get(name) ?? []),
      );
      writes += 1;
      const bytes = encodePredictions(model, predictions, `${execution}#${openedAt}#${attempt}-${writes}`);
      await assertHeld();
      if (await replace(bytes)) {
        inFile = new Set(names);
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
    /** What was classified now, by the names that it goes by, to be written. */
    add: (classified: ReadonlyMap<string, Predictions>) => {
      for (const [name, predictions] of classified) known.set(name, predictions);
    },
    write,
    remove,
    /** Whether the predictions of a run are known: they were classified here, or were in it when it was read. */
    has: (one: Content) => namesOf(one).some((name) => known.has(name)),
    /** Whether it holds nothing, or is not there. */
    isEmpty: () => inFile.size === 0,
  };
}

/** Two writes are never of the same bytes, as each says by whom it is. */
function isSameFile(found: { bytes: Uint8Array } | null, bytes: Uint8Array): boolean {
  return found !== null && Buffer.compare(found.bytes, bytes) === 0;
}
