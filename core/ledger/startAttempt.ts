import { added } from '../base/added.ts';
import { ClaimLost, onError } from '../base/errors.ts';
import type { ExecutionStatus, Executions } from '../base/executions.ts';
import { isUnassigned, type ModelRef, modelId, type SceneRef } from '../base/messages.ts';
import { executionNameOf, makeAccept } from './accept.ts';
import type { Failure, Ledger } from './contract.ts';
import { hasFailedForGood, hasMissedItsFile, type LedgerRow } from './ledgerRow.ts';

type StartPorts = {
  ledger: Pick<Ledger, 'ofScene' | 'claim' | 'fail' | 'grantAttempt'>;
  executions: Executions;
  now: () => Date;
  attemptLimit: number;
};

/** How many executions were started, and how many lost attempts were recorded as failed. */
export type Found = { readonly started: number; readonly settled: number };

export const none: Found = { started: 0, settled: 0 };

/** Ignores the error of a run that another worker took up after we read its row. */
export const noneIfTaken = onError(ClaimLost, () => none);

/** The sweep, Settle and `swath backfill` may start the same attempt without starting it twice. */
export function makeStart({ ledger, executions, now, attemptLimit }: StartPorts) {
  const accept = makeAccept(executions);

  /** If its execution has ended without a record, the attempt is recorded as failed and the next one starts. */
  async function start(scene: SceneRef, model: ModelRef, attempt: number): Promise<Found> {
    const arrival = { scene, model, attempt };
    if ((await accept(arrival)) === 'started') return { started: 1, settled: 0 };
    const execution = executions.arnOf(executionNameOf(arrival));
    const ended = await executions.describe(execution);
    if (ended.status === 'RUNNING') return none;
    // What the ledger holds of that attempt stays: the caller's view was outdated.
    const rows = await ledger.ofScene(scene);
    if (rows.some((row) => modelId(row.model) === modelId(model) && row.attempt >= attempt)) return none;
    const claim = await ledger.claim({ scene, model, execution, now: now(), leaseSeconds: 0, attemptLimit });
    if (!claim.held) return none; // another worker has taken it up meanwhile
    // This attempt has done nothing, and the one before it left nothing behind.
    await ledger.fail(claim.row, 'FAILED', lossOf(claim.row, ended), now());
    if (claim.row.attempt >= claim.row.attemptLimit) return { started: 0, settled: 1 };
    return added(await start(scene, model, claim.row.attempt + 1), { started: 0, settled: 1 });
  }

  /**
   * Restarts runs whose attempts were used up while their file was missing. The attempts are granted first: if the
   * start is lost, or the file disappears again, a later sweep continues from there under another execution name.
   */
  async function comeBack(rows: readonly LedgerRow[]): Promise<Found> {
    let total = none;
    for (const row of rows) {
      if (!hasMissedItsFile(row) || !hasFailedForGood(row) || isUnassigned(row.model)) continue;
      const granting = ledger.grantAttempt(row, now(), attemptLimit);
      const starting = granting.then(() => start(row.scene, row.model, row.attempt + 1));
      total = added(total, await starting.catch(noneIfTaken));
    }
    return total;
  }

  return { start, comeBack };
}

/** The failure of an attempt whose execution has ended without recording one. */
export function lossOf({ state: step }: LedgerRow, { status, error, cause }: ExecutionStatus): Failure {
  const why =
    error === undefined ? `it is ${status.toLowerCase()}` : `${error}${cause === undefined ? '' : `: ${cause}`}`;
  const message = `The execution ended without recording its result in the ledger (${why}).`;
  return { name: 'ExecutionLost', message, step };
}

type OfDuplicates = Pick<Ledger, 'get' | 'waitingDuplicatesOf' | 'letTakeOver'>;
export type WaitingDuplicatesPorts = StartPorts & { ledger: OfDuplicates };

/** How many duplicates are tried in place of a failed run at once: few, because they may all fail for the same reason. */
export const FEW_DUPLICATES = 3;

/** Runs the duplicates of a failed run: the same bytes under another key may succeed. */
export function makeStartWaitingDuplicates(ports: WaitingDuplicatesPorts) {
  const { ledger } = ports;
  const { start } = makeStart(ports);

  /** The first to claim the content owns it, and the others become its duplicates; if it fails, they start in turn. */
  async function startWaitingDuplicates(owner: LedgerRow, most: number): Promise<Found> {
    let total = none;
    for await (const scene of ledger.waitingDuplicatesOf(owner.run)) {
      const row = await ledger.get(scene, owner.model);
      if (row === undefined || row.duplicateOf !== owner.run) continue;
      total = added(total, await startDuplicate(row).catch(noneIfTaken));
      if (total.started >= most) break;
    }
    return total;
  }

  async function startDuplicate(duplicate: LedgerRow): Promise<Found> {
    const { state, scene, model, attempt } = await ledger.letTakeOver(duplicate);
    return state === 'DUPLICATE' ? start(scene, model, attempt + 1) : none; // a worker that has not ended it goes on
  }

  return { startWaitingDuplicates, startDuplicate };
}
