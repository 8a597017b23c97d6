import type { Ledger } from './ledger.ts';
import type { Cursor } from './ledgerQueries.ts';
import type { LedgerRow, State } from './ledgerRow.ts';

/** Rows that are held in memory at a time. */
const PAGE = 200;

/** Yields the rows in a state, page by page, up to the wanted number. */
export async function* rowsInState(
  ledger: Pick<Ledger, 'byState'>,
  state: State,
  { limit = Infinity, ...query }: { limit?: number; since?: Date; oldestFirst?: boolean; ofShadows?: boolean },
): AsyncGenerator<LedgerRow> {
  let left = limit;
  let cursor: Cursor | undefined;
  do {
    const page = await ledger.byState(state, { ...query, limit: Math.min(left, PAGE), ...(cursor && { cursor }) });
    yield* page.rows;
    left -= page.rows.length;
    cursor = page.cursor;
  } while (cursor !== undefined && left > 0);
}
