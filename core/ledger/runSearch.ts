import { modelId } from '../run.ts';
import type { LedgerRow } from './ledgerRow.ts';

/** Whether a run has a text, in whichever case, in its id, its file's key, its model version or its error. */
export function hasText({ run, scene, model, error }: LedgerRow, text: string): boolean {
  const wanted = text.toLowerCase();
  const parts = [run, scene.key, modelId(model), `${model.name} ${model.version}`, error?.name, error?.message];
  return parts.some((part) => part?.toLowerCase().includes(wanted));
}
