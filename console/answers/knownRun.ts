import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { Refused } from '../answer.ts';
import type { Service } from '../service.ts';

/** Reads the row of a run or of a shadow's run. Throws `Refused` with 404 if there is none. */
export async function knownRun({ ledger }: Pick<Service, 'ledger'>, run: string): Promise<LedgerRow> {
  const row = (await ledger.byRun(run)) ?? (await ledger.shadowByRun(run));
  if (row === undefined) throw new Refused(404, `The ledger has no run ${run}.`);
  return row;
}
