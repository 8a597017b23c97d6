import { predictionsKey } from '../keys.ts';
import type { RunRef } from '../messages.ts';
import type { ModelPackage } from '../models/package.ts';
import type { ReadVersion, ReplaceVersion } from '../objectStore.ts';
import { joined } from '../predictions/column.ts';
import { byName, namesOf } from '../predictions/contents.ts';
import { decodePredictions } from '../predictions/decodePredictions.ts';
import { encodePredictions } from '../predictions/encodePredictions.ts';
import { type Content, columnsOf, type Predictions } from '../predictions/predictionColumns.ts';

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
 * The one file of a batch's predictions, by the runs and the contents that they are of. It is written over only as
 * long as it is what was read last: a late worker of an earlier attempt can neither bring back what has been taken out
 * nor take out what has come in.
 */
export function makeBatchFile(
  { readVersion, replaceVersion, assertHeld }: BatchFilePorts,
  { batch, attempt, execution }: BatchWriter,
  modelOf: () => Promise<ModelPackage>,
) {
  const key = predictionsKey(batch, 0);
  /** What was classified here or was in the file at any time that it was read, by the names that it goes by. */
  const known = new Map<string, Predictions>();
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
    const stored = byName(await decodePredictions(found.bytes, columnsOf(await modelOf())));
    inFile = new Set(stored.keys());
    for (const [name, predictions] of stored) if (!known.has(name)) known.set(name, predictions);
  }

  /**
   * Brings it to hold the predictions of these and no others; of two runs with the same content, those of the last. For
   * the `last` time, it is written by whoever has come after another, be it the same or of nothing: or a write of the other
   * one that is still on its way would find what it has read.
   */
  function write(those: readonly Content[], { isLast = false } = {}): Promise<void> {
    const ofContents = new Map(those.map((one) => [one.digest, namesOf(one)]));
    const nameIn = (names: string[]) => names.find((name) => known.has(name)) ?? names[0]!;
    return bring(() => [...new Set([...ofContents.values()].map(nameIn))], isLast);
  }

  /** Takes the predictions of a run out, and leaves the others. */
  function remove(one: Content): Promise<void> {
    const names = namesOf(one);
    return bring(() => [...inFile].filter((name) => !names.includes(name)), false);
  }

  async function bring(namesNow: () => string[], isLast: boolean): Promise<void> {
    for (;;) {
      const names = namesNow();
      const isSame = names.length === inFile.size && names.every((name) => inFile.has(name));
      if (isSame && !(isLast && attempt > 1 && writes === 0)) return;
      const model = await modelOf();
      const predictions = joined(
        columnsOf(model),
        names.flatMap((name) => known.get(name) ?? []),
      );
      writes += 1;
      const bytes = encodePredictions(model, predictions, `${execution}#${attempt}-${writes}`);
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
      inFile = new Set(names);
      return;
    }
  }

  return {
    read,
    /** What was classified now, by the names that it goes by, to be written. */
    add: (classified: ReadonlyMap<string, Predictions>) => {
      for (const [name, predictions] of classified) known.set(name, predictions);
    },
    write,
    remove,
    /** Whether it holds nothing, or is not there. */
    isEmpty: () => inFile.size === 0,
  };
}
