import type { StepTime } from '../../../charts/steps.ts';
import type { LedgerRow } from '../../../core/ledger/ledgerRow.ts';

/** What a run's time went into: its steps, and between them the state machine, or a step that failed and has no time of its own. */
export function stepTimes({ milliseconds, error }: Pick<LedgerRow, 'milliseconds' | 'error'>): StepTime[] {
  if (milliseconds === undefined) return [];
  const steps = (['preprocess', 'infer', 'drift'] as const).flatMap((step): StepTime[] => {
    const took = milliseconds[step];
    return took === undefined ? [] : [{ step, milliseconds: took, isBetween: false }];
  });
  const between = (milliseconds.total ?? 0) - steps.reduce((sum, step) => sum + step.milliseconds, 0);
  const step = error === undefined ? 'in between' : 'until it failed';
  return between < 1 ? steps : [...steps, { step, milliseconds: between, isBetween: true }];
}
