import { predictionsKey } from '../../core/base/keys.ts';
import { doorOf } from '../../core/ledger/doorOf.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { isRunning } from '../../core/ledger/states.ts';
import type { RunSummary } from '../api.ts';
import type { Service } from '../service.ts';

export function runSummary(row: LedgerRow): RunSummary {
  const { run, state, changed, claimedAt, model, attempt, size = null, chips = null, blank = null } = row;
  const { scene, drift, milliseconds, error } = row;
  return {
    ...{ run, state, changed, claimedAt, model, attempt, size, chips, blank },
    file: scene.key,
    door: doorOf(scene),
    acquired: row.acquired?.at ?? null,
    drift: drift?.jensenShannon ?? null,
    verdict: drift?.verdict ?? null,
    seconds: milliseconds?.total === undefined ? null : milliseconds.total / 1000,
    error: error === undefined ? null : `${error.name}: ${error.message}`,
    progress: null,
  };
}

/** The same with its progress, the parts whose predictions are written: null before their number is known, and at its end. A retry overwrites them. */
export async function summaryOf(listResults: Service['listResults'], row: LedgerRow): Promise<RunSummary> {
  const { run: id, model, day, parts, state } = row;
  const summary = runSummary(row);
  if (!isRunning(state) || parts === undefined || day === undefined) return summary;
  if (state === 'PREDICTED') return { ...summary, progress: { done: parts, parts } };
  const first = predictionsKey({ id, model, day }, 0);
  const written = await listResults(first.slice(0, first.lastIndexOf('-') + 1));
  return { ...summary, progress: { done: Math.min(written.length, parts), parts } };
}
