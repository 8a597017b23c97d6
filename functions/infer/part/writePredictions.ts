import { ClaimLost } from '../../../core/base/errors.ts';
import { predictionsKey } from '../../../core/base/keys.ts';
import type { RunRef } from '../../../core/base/messages.ts';
import type { ObjectVersion, VersionedObjects } from '../../../core/base/objectStore.ts';
import type { Ledger } from '../../../core/ledger/contract.ts';
import type { LeasePorts } from '../../../core/ledger/lease.ts';
import { mayHaveResults } from '../../../core/ledger/ledgerRow.ts';

export type WritePredictionsPorts = VersionedObjects & LeasePorts & { ledger: Pick<Ledger, 'get'> };

/**
 * Writes a part's predictions while the run's claim is held.
 *
 *   time → [there is one: read ── renew] ── replace ── is it wanted?
 *
 * It replaces only a version that it read before it renewed its claim, so never one of a newer attempt. If the attempt was over
 * when it wrote, it removes what it wrote, because whoever ended the run had removed the predictions before. If it cannot find
 * out, it leaves the object: another worker of the same step may have written the same bytes, on which the run may rely. The step
 * is then retried; for a run that counts nothing, the sweep removes the rest. A failed write may have happened: then the object
 * has exactly these bytes, which no other attempt writes.
 *
 * @param bytes contain the attempt that wrote them
 * @throws ClaimLost if another attempt holds the run, or the run has ended
 */
export async function writePredictions(ports: WritePredictionsPorts, run: RunRef, part: number, bytes: Uint8Array) {
  const key = predictionsKey(run, part);
  let version: string;
  try {
    version = await replace(ports, run, key, bytes);
  } catch (error) {
    await removeLost(ports, run, key, bytes).catch(() => {}); // the next attempt removes it, or the sweep
    throw error;
  }
  if (!(await removeUnlessWanted(ports, run, { key, version })))
    throw new ClaimLost(`Attempt ${run.attempt} of the run ${run.id} was over when it wrote ${key}.`);
}

async function replace(ports: WritePredictionsPorts, run: RunRef, key: string, bytes: Uint8Array): Promise<string> {
  const { ledger, readVersion, replaceVersion, now, leaseSeconds } = ports;
  let written = await replaceVersion(key, bytes, null);
  while (written === null) {
    const before = await readVersion(key); // of a former attempt, or of this step, if it is repeated
    await ledger.renew(run, now(), leaseSeconds);
    written = await replaceVersion(key, bytes, before?.version ?? null);
  }
  return written;
}

async function removeLost(ports: WritePredictionsPorts, run: RunRef, key: string, bytes: Uint8Array): Promise<void> {
  const found = await ports.readVersion(key);
  const isOurs = found !== null && Buffer.compare(found.bytes, bytes) === 0;
  if (isOurs) await removeUnlessWanted(ports, run, { key, version: found.version });
}

/** Returns whether the version was wanted, and so is still there. */
async function removeUnlessWanted(ports: WritePredictionsPorts, run: RunRef, written: ObjectVersion): Promise<boolean> {
  const row = await ports.ledger.get(run.scene, run.model);
  const isWanted = mayHaveResults(row) && row.attempt === run.attempt && row.execution === run.execution;
  if (!isWanted) await ports.removeVersion(written);
  return isWanted;
}
