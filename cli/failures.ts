import type { LedgerRow, RunError } from '../core/ledger/ledgerRow.ts';

/** How the attempts failed, the latest last. Rows of older releases keep the last failure only. */
export function failuresOf({ failures = [], error }: LedgerRow): RunError[] {
  if (error === undefined) return failures;
  const isThere = failures.at(-1)?.at === error.at;
  return isThere ? [...failures.slice(0, -1), error] : [...failures, error]; // there, its message is whole
}
