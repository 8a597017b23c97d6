import type { ModelRef, ShadowRef } from '../messages.ts';
import { shadowRunId } from '../run.ts';
import type { LedgerRow } from './ledgerRow.ts';

/** What the row of a shadow's run has, however it ends: it has one attempt, and its file is that of the run that it shadows. */
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

/** What a shadow classifies of a file that a batch has brought to its end. */
export function shadowRefOf(row: LedgerRow & { digest: string }, model: ModelRef): ShadowRef {
  const { run: id, scene, model: live, attempt, execution, digest, day = '', chips = 0, blank = 0 } = row;
  return { model, run: { id, scene, model: live, attempt, execution, digest, day }, parts: 1, chips, blank };
}

/** The step that a shadow's failure is told of. */
export const SHADOW_STEP = 'Shadow';
