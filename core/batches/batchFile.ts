import { TransientTrouble } from '../base/errors.ts';
import { predictionsKey } from '../base/keys.ts';
import type { RunRef } from '../base/messages.ts';
import type { ReadVersion, VersionedObjects } from '../base/objectStore.ts';
import type { Ledger } from '../ledger/contract.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import type { BatchHolder } from '../ledger/openBatches.ts';
import { joined } from '../package/carry.ts';
import type { ModelPackage } from '../package/package.ts';
import type { Models } from '../releases/contract.ts';
import { decodePredictions } from '../results/decodePredictions.ts';
import { encodePredictions } from '../results/encodePredictions.ts';
import { type RemoveLeftPredictionsPorts, removeLeftPredictions } from '../results/failRun.ts';
import { byName, type Content, columnsOf, nameOf, type Predictions } from '../results/predictionColumns.ts';

export type BatchFile = ReturnType<typeof makeBatchFile>;

/** Identifies a writer: when a closed batch is opened again, even by one execution, attempts are counted anew. */
type BatchWriter = Omit<BatchHolder, 'batch'> & { batch: Pick<RunRef, 'id' | 'model' | 'day'> };

/**
 * The single predictions file of a batch, keyed by run and by content. It is replaced only if it is still what was last
 * read, so that a late worker of an earlier attempt can neither restore what was removed nor remove what was added.
 *
 *    time → held? ── replace ── held?
 *                      └ if the batch was lost meanwhile, the write is undone
 */
export function makeBatchFile(
  { readVersion, replaceVersion, removeVersion, assertHeld }: VersionedObjects & { assertHeld: () => Promise<void> },
  { batch, attempt, execution, openedAt }: BatchWriter,
  modelOf: () => Promise<ModelPackage>,
) {
  const key = predictionsKey(batch, 0);
  /** All predictions classified here or read from the file at any time, by their names. */
  const known = new Map<string, Predictions>();
  let inFile = new Set<string>();
  let last: Awaited<ReturnType<ReadVersion>> = null;
  let writes = 0;

  async function remember(found: typeof last): Promise<void> {
    last = found;
    inFile = new Set();
    if (found === null) return;
    const stored = byName(await decodePredictions(found.bytes, columnsOf(await modelOf())));
    inFile = new Set(stored.keys());
    for (const [name, predictions] of stored) if (!known.has(name)) known.set(name, predictions);
  }

  /**
   * Makes the file hold exactly these predictions; of two runs with the same content, those of the last. A worker that
   * takes over from another writes at least once, even if nothing changes or nothing is left, before any file ends on
   * the strength of it. Otherwise a write of the other worker would find the version it had read, and succeed.
   * @returns whether the file was written, and so the batch was still held afterwards
   */
  function write(contents: readonly Content[]): Promise<boolean> {
    const ofContents = new Map(contents.map((content) => [content.digest, nameOf(content)]));
    return writeNames(() => [...ofContents.values()], attempt > 1 && writes === 0);
  }

  async function remove(content: Content): Promise<void> {
    await writeNames(() => [...inFile].filter((name) => name !== nameOf(content)), false);
  }

  async function writeNames(currentNames: () => string[], mustWrite: boolean): Promise<boolean> {
    for (;;) {
      const names = currentNames();
      const isSame = names.length === inFile.size && names.every((name) => inFile.has(name));
      if (isSame && !mustWrite) return false;
      const model = await modelOf();
      const all = names.flatMap((name) => known.get(name) ?? []);
      const predictions = joined(columnsOf(model), all);
      writes += 1;
      const bytes = encodePredictions(model, predictions, `${execution}#${openedAt}#${attempt}-${writes}`);
      await assertHeld();
      if (await replace(bytes)) {
        inFile = new Set(names);
        return true;
      }
      // Another attempt wrote first: try again on top of what it has written.
    }
  }

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
        last = found; // the write had succeeded, but its answer was lost
      } else last = { bytes, version };
      await assertHeld();
      return true;
    } catch (error) {
      await putBack(bytes, before).catch(() => {}); // whoever holds the batch now rewrites the file anyway
      throw error;
    }
  }

  /** Undoes a write that must not be relied on, because its answer or the batch was lost. */
  async function putBack(bytes: Uint8Array, before: typeof last): Promise<void> {
    const found = await readVersion(key);
    if (found === null || !isSameFile(found, bytes)) return;
    if (before === null) await removeVersion({ key, version: found.version });
    else await replaceVersion(key, before.bytes, found.version);
  }

  return {
    read: async () => remember(await readVersion(key)),
    add: (classified: ReadonlyMap<string, Predictions>) => {
      for (const [name, predictions] of classified) known.set(name, predictions);
    },
    write,
    remove,
    /** Returns whether the predictions of a run are known: classified here, or read from the file. */
    has: (content: Content) => known.has(nameOf(content)),
    isEmpty: () => inFile.size === 0,
  };
}

/** Compares contents. No two writes have the same bytes, because each names its writer. */
const isSameFile = (found: { bytes: Uint8Array } | null, bytes: Uint8Array): boolean =>
  found !== null && Buffer.compare(found.bytes, bytes) === 0;

export type RemoveFromBatchPorts = RemoveLeftPredictionsPorts &
  VersionedObjects & { ledger: Pick<Ledger, 'isOpen'>; loadModel: Models['load'] };

/**
 * Removes the predictions of a run that counted and was withdrawn: its own files, or its rows in the file of its batch.
 * @throws {ClaimLost} when the run has ended differently since
 * @throws {TransientTrouble} while the batch is open: it would write what it has seen to be done
 */
export async function removeCounted(ports: RemoveFromBatchPorts, row: LedgerRow): Promise<void> {
  await removeLeftPredictions(ports, row);
  const { run, model, day, digest, batch, attempt, execution, changed } = row;
  if (batch === undefined || day === undefined || digest === undefined) return;
  await assertBatchClosed(ports, row);
  const writer = { batch: { id: batch, model, day }, attempt, execution, openedAt: changed };
  const file = makeBatchFile({ ...ports, assertHeld: async () => {} }, writer, () => ports.loadModel(model));
  await file.read();
  await file.remove({ run, digest });
}

/** Throws while a batch is open: it would write what it has seen to be done. */
export async function assertBatchClosed({ ledger }: { ledger: Pick<Ledger, 'isOpen'> }, { batch, scene }: LedgerRow) {
  if (batch !== undefined && (await ledger.isOpen(batch)))
    throw new TransientTrouble(`The batch ${batch} is still processing ${scene.key}.`);
}
