import { modelId } from '../run.ts';
import type { LedgerRow } from './ledgerRow.ts';

/** Returns whether a run's id, file key, model version or error contains a text, ignoring case. */
export function hasText({ run, scene, model, error }: LedgerRow, text: string): boolean {
  const wanted = text.toLowerCase();
  const parts = [run, scene.key, modelId(model), `${model.name} ${model.version}`, error?.name, error?.message];
  return parts.some((part) => part?.toLowerCase().includes(wanted));
}
