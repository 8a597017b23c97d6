import { ClaimLost } from '../../core/errors.ts';
import { predictionsKey } from '../../core/keys.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import { isRunning, type LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { RunRef } from '../../core/messages.ts';
import type { ObjectVersion, VersionedObjects } from '../../core/objectStore.ts';

export type WritePredictionsPorts = VersionedObjects & {
  ledger: Pick<Ledger, 'renew' | 'get'>;
  now: () => Date;
  leaseSeconds: number;
};

/**
 * Writes a part's predictions, for as long as the run is held.
 *
 *   time → [there is one: read ── renew] ── replace ── is it wanted?
 *
 * It replaces nothing that it has not seen before it made sure of its claim, so nothing of a newer attempt. What it has
 * written when its attempt was over it removes: whoever ended the run had removed the predictions by then. Where it cannot
 * find out, it leaves it: another worker at the same step may have written the same before, and the run may rest upon
 * that. The step is tried again; of a run that counts nothing, the sweep removes what is left. A write that fails may
 * have happened: then what lies there are these very bytes, which no other attempt writes.
 *
 * @param bytes say which attempt has written them
 * @throws ClaimLost when another attempt has the run, or it has come to its end
 */
export async function writePredictions(
  ports: WritePredictionsPorts,
  run: RunRef,
  part: number,
  bytes: Uint8Array,
): Promise<void> {
  const key = predictionsKey(run, part);
  let version: string;
  try {
    version = await replace(ports, run, key, bytes);
  } catch (error) {
    await removeLost(ports, run, key, bytes).catch(() => {}); // then the next attempt does, or the sweep
    throw error;
  }
  if (!(await removeUnlessWanted(ports, run, { key, version })))
    throw new ClaimLost(`Attempt ${run.attempt} of the run ${run.id} was over when it wrote ${key}.`);
}

async function replace(
  { ledger, readVersion, replaceVersion, now, leaseSeconds }: WritePredictionsPorts,
  run: RunRef,
  key: string,
  bytes: Uint8Array,
): Promise<string> {
  let written = await replaceVersion(key, bytes, null);
  while (written === null) {
    const before = await readVersion(key); // a former attempt's, or of this step, which is repeated
    await ledger.renew(run, now(), leaseSeconds);
    written = await replaceVersion(key, bytes, before?.version ?? null);
  }
  return written;
}

/** Where the write happened and only its answer was lost. */
async function removeLost(ports: WritePredictionsPorts, run: RunRef, key: string, bytes: Uint8Array): Promise<void> {
  const found = await ports.readVersion(key);
  const isOurs = found !== null && Buffer.compare(found.bytes, bytes) === 0;
  if (isOurs) await removeUnlessWanted(ports, run, { key, version: found.version });
}

/** Answers whether the version was wanted, and so is there still. */
async function removeUnlessWanted(
  { ledger, removeVersion }: WritePredictionsPorts,
  run: RunRef,
  written: ObjectVersion,
): Promise<boolean> {
  const isWanted = isWantedBy(run, await ledger.get(run.scene, run.model));
  if (!isWanted) await removeVersion(written);
  return isWanted;
}

/** Of a step that was repeated, the first worker may still be at it when the run is done by the second one's answer. */
function isWantedBy({ attempt, execution }: RunRef, row: LedgerRow | undefined): boolean {
  const isOurs = row?.attempt === attempt && row.execution === execution;
  return isOurs && ((isRunning(row.state) && row.ending === undefined) || row.state === 'DONE');
}
