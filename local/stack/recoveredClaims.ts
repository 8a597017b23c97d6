import type { Ledger } from '../../core/ledger/contract.ts';
import { rowsInState } from '../../core/ledger/ledgerQueries.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { RUNNING } from '../../core/ledger/states.ts';
import { type FailRunPorts, failRun } from '../../core/results/failRun.ts';

/** Settles every claim: whoever held one is dead. It costs an attempt, or a file that kills the process would do so for ever. */
export async function recoverClaims(
  ports: FailRunPorts & { ledger: Pick<Ledger, 'byState' | 'openBatches' | 'loseBatch'> },
  now: Date,
): Promise<void> {
  const { ledger } = ports;
  for (const batch of await ledger.openBatches()) await ledger.loseBatch(batch, now);
  for (const state of RUNNING) for await (const row of rowsInState(ledger, state)) await settleLost(ports, row, now);
}

/** Settles a claim that nobody can be at work on any more. */
export function settleLost(ports: FailRunPorts, row: LedgerRow, now: Date): Promise<LedgerRow> {
  const message = 'The process that ran this ended in the middle of it.';
  return failRun(ports, row, 'FAILED', { name: 'ExecutionLost', message, step: row.state }, now);
}
