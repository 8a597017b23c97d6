import type { LedgerRow } from '../../../../functions/shared/ledgerRow.ts';
import type { StepTime } from '../../../charts/steps.ts';

/**
 * What a run's time went into. The steps follow one another, but the whole is longer than their sum: between them the
 * state machine is at work, and an earlier attempt may have begun.
 */
export function stepTimes(milliseconds: LedgerRow['milliseconds']): StepTime[] {
  if (milliseconds === undefined) return [];
  const steps = (['preprocess', 'infer', 'drift'] as const).flatMap((step): StepTime[] => {
    const took = milliseconds[step];
    return took === undefined ? [] : [{ step, milliseconds: took, isBetween: false }];
  });
  const between = (milliseconds.total ?? 0) - steps.reduce((sum, step) => sum + step.milliseconds, 0);
  return between < 1 ? steps : [...steps, { step: 'in between', milliseconds: between, isBetween: true }];
}
