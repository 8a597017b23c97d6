import { ClaimLost, errorNamed, insteadOf } from '../base/errors.ts';
import type { Executions } from '../base/executions.ts';
import { isUnassigned } from '../base/messages.ts';
import { executionNameOf, makeAccept } from './accept.ts';
import type { Ledger } from './contract.ts';
import type { LedgerRow } from './ledgerRow.ts';
import { isRunning } from './states.ts';

export type RetryPorts = {
  now: () => Date;
  ledger: Pick<Ledger, 'byRun' | 'ofScene' | 'grantAttempt' | 'forget'>;
  executions: Pick<Executions, 'start' | 'arnOf'>;
};

/** The run cannot be retried, or need not be. The message says why, and what to do instead. */
export class NotRetryable extends errorNamed('NotRetryable') {}

/**
 * Starts one more attempt of a failed run, even if its attempts are used up. What the caller saw may be outdated, so a
 * condition on the ledger decides: throws `NotRetryable` when the run is not, or no longer, `FAILED`.
 */
export function makeRetry({ ledger, executions, now }: RetryPorts) {
  const accept = makeAccept(executions);

  return async (run: string): Promise<{ run: string; execution: string }> => {
    const row = await ledger.byRun(run);
    if (row === undefined) throw new NotRetryable(`The ledger knows no run ${JSON.stringify(run)}.`);
    if (row.state !== 'FAILED') throw new NotRetryable(`Run ${run} is ${row.state}: ${whyNot(row)}`);
    const own = isUnassigned(row.model) && (await ledger.ofScene(row.scene)).find(({ model }) => !isUnassigned(model));
    if (own) {
      await ledger.forget(row);
      throw new NotRetryable(`The file of run ${row.run} now has a run with a model version: ${own.run}.`);
    }
    const taken = `Run ${run} is already in progress: it has just been started by someone else.`;
    const refuse = insteadOf(ClaimLost, (cause) => new NotRetryable(taken, { cause }));
    const attempt = (await ledger.grantAttempt(row, now()).catch(refuse)).attempt + 1;
    const arrival = { scene: row.scene, model: isUnassigned(row.model) ? undefined : row.model, attempt };
    if ((await accept(arrival)) === 'known')
      throw new NotRetryable(
        `Attempt ${attempt} of run ${run} was started before. If nothing came of it, the next sweep takes it up.`,
      );
    return { run, execution: executions.arnOf(executionNameOf(arrival)) };
  };
}

/** Why a run in a state is not tried again, and what to do instead. */
export function whyNot({ state, duplicateOf }: Pick<LedgerRow, 'state' | 'duplicateOf'>): string {
  if (isRunning(state)) return 'it is still running.';
  if (state === 'INVALID') return 'the file can never be processed. Send a corrected one: it gets its own run.';
  if (state === 'DUPLICATE')
    return `the same bytes count as ${duplicateOf === undefined ? 'another run' : `run ${duplicateOf}`}.`;
  return 'there is nothing to try again.';
}
