import type { ModelRef, ShadowRef } from '../messages.ts';
import { shadowRunId } from '../run.ts';
import type { LedgerRow } from './ledgerRow.ts';

/**
 * Returns the part of a shadow run's row that does not depend on how it ends. It has one attempt, and the file of the
 * run it shadows.
 */
export function shadowRow(
  { run, model, parts, chips, blank }: ShadowRef,
  { execution, began, ended }: { execution: string; began: Date | string; ended: Date },
): Omit<LedgerRow, 'state'> {
  const { scene, digest, day } = run;
  return {
    run: shadowRunId(scene, model),
    ...{ scene, model, digest, day, parts, chips, blank, execution },
    ...{ attempt: 1, attemptLimit: 1 },
    changed: ended.toISOString(),
    claimedAt: new Date(began).toISOString(),
    shadow: true,
  };
}

/** Returns what a shadow needs to classify a file that was processed in a batch. */
export function shadowRefOf(row: LedgerRow & { digest: string }, model: ModelRef): ShadowRef {
  const { run: id, scene, model: live, attempt, execution, digest, day = '', chips = 0, blank = 0 } = row;
  return { model, run: { id, scene, model: live, attempt, execution, digest, day }, parts: 1, chips, blank };
}

/** The step that is named in a shadow's failure. */
export const SHADOW_STEP = 'Shadow';
