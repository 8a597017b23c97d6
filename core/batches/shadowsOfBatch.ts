import type { ShadowBatchRef, ShadowRef } from '../base/messages.ts';
import type { ReadPiece } from '../base/objectStore.ts';
import type { Ledger } from '../ledger/contract.ts';
import { doorOf } from '../ledger/doorOf.ts';
import { isInShare } from '../releases/shadow.ts';
import { readBatch, sceneOf } from './manifest.ts';

/** A batch's runs that are done and in the share; none without a manifest. Over HTTP, requests were drawn before. */
export async function shadowsOfBatch(
  { ledger, readPiece }: { ledger: Pick<Ledger, 'rowsOf'>; readPiece: ReadPiece },
  { batch, share, model }: ShadowBatchRef,
): Promise<ShadowRef[]> {
  const rows = await ledger.rowsOf(((await readBatch(readPiece, batch)) ?? []).map(sceneOf), batch.model);
  return [...rows.values()].flatMap((row): ShadowRef[] => {
    const { run: id, scene, attempt, execution, digest, day = '', chips = 0, blank = 0 } = row;
    if (row.state !== 'DONE' || row.batch !== batch.id || digest === undefined) return [];
    if (doorOf(scene) !== 'http' && !isInShare(digest, share)) return [];
    return [{ model, run: { id, scene, model: row.model, attempt, execution, digest, day }, parts: 1, chips, blank }];
  });
}
