import type { ShadowBatchRef } from '../base/messages.ts';
import type { ReadPiece } from '../base/objectStore.ts';
import type { Ledger } from '../ledger/contract.ts';
import { doorOf } from '../ledger/doorOf.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import { isInShare } from '../releases/shadow.ts';
import { readBatch, sceneOf } from './manifest.ts';

/** A run that was processed in a batch, with the digest of its content. */
export type ShadowedRow = LedgerRow & { digest: string };

/**
 * Returns the runs of a batch that a shadow classifies: those done by the batch whose content is in the sampled share.
 * For predictions answered over HTTP, the share was drawn per request, before they were sent. Returns none if the
 * batch's manifest has expired.
 */
export async function shadowedRows(
  { ledger, readPiece }: { ledger: Pick<Ledger, 'rowsOf'>; readPiece: ReadPiece },
  { batch, share }: ShadowBatchRef,
): Promise<ShadowedRow[]> {
  const scenes = ((await readBatch(readPiece, batch)) ?? []).map(sceneOf);
  const rows = await ledger.rowsOf(scenes, batch.model);
  const isShadowed = (row: LedgerRow): row is ShadowedRow =>
    row.state === 'DONE' &&
    row.batch === batch.id &&
    row.digest !== undefined &&
    (doorOf(row.scene) === 'http' || isInShare(row.digest, share));
  return [...rows.values()].filter(isShadowed);
}
