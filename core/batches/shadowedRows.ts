import { doorOf } from '../doorOf.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import type { ShadowBatchRef } from '../messages.ts';
import { isInShare } from '../models/shadow.ts';
import type { ReadPiece } from '../objectStore.ts';
import { readBatch, sceneOf } from './manifest.ts';

/** A file's run that a batch has brought to its end, with what it is of. */
export type ShadowedRow = LedgerRow & { digest: string };

/**
 * The runs that a shadow is to classify of a batch: those that are done by it, and whose content is among the share. Of what was
 * predicted over HTTP the share was chosen by the request, before it was sent. Of a batch whose lines have expired there are none.
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
