import type { Ledger } from './contract.ts';
import type { LedgerRow } from './ledgerRow.ts';
import { STATES } from './states.ts';

/** How many of the newest runs of each state are searched for the beginning of an id. */
export const LOOKED_AT = 1000;

/** Whether a name can be how a run's id begins. */
export const isBeginning = (name: string): boolean => /^[0-9a-f]{4,31}$/.test(name);

/** Finds a run by its id or by how that begins, or a shadow's by all of it; several if the beginning is too short. */
export async function runsNamed(ledger: Ledger, name: string): Promise<LedgerRow[]> {
  const row = (await ledger.byRun(name)) ?? (await ledger.shadowByRun(name));
  if (row !== undefined) return [row];
  if (!isBeginning(name)) return [];
  const pages = await Promise.all(STATES.map((state) => ledger.byState(state, { limit: LOOKED_AT })));
  return pages.flatMap((page) => page.rows).filter(({ run }) => run.startsWith(name));
}
