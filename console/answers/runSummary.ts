import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { RunSummary } from '../api.ts';

/** A row of the ledger as a line of a table. */
export function runSummary(row: LedgerRow, progress: RunSummary['progress'] = null): RunSummary {
  const { run, state, changed, claimedAt, model, attempt, scene, drift, milliseconds, error } = row;
  return {
    run,
    state,
    changed,
    claimedAt,
    model,
    attempt,
    file: scene.key,
    size: row.size ?? null,
    chips: row.chips ?? null,
    blank: row.blank ?? null,
    drift: drift?.jensenShannon ?? null,
    verdict: drift?.verdict ?? null,
    seconds: milliseconds?.total === undefined ? null : milliseconds.total / 1000,
    error: error === undefined ? null : `${error.name}: ${error.message}`,
    progress,
  };
}
