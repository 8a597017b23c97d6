import { inOrder, slices } from '../concurrency/inOrder.ts';
import { MAX_KEYS, makeGetAll, placeOf } from './bulkRows.ts';
import { contentClaimSchema, keyOfContent } from './contentClaim.ts';
import type { LedgerRow } from './ledgerRow.ts';
import { rename } from './renameDuplicates.ts';
import type { TableWith } from './table.ts';
import { makeAddWaitingDuplicate } from './waitingDuplicates.ts';

const AT_ONCE = 32;

/** A duplicate as its row is: the owner that it names, and the content that is that owner's. */
export type DuplicateRow = Pick<
  LedgerRow,
  'run' | 'scene' | 'model' | 'attempt' | 'day' | 'duplicateOf' | 'ownerTerm'
> & {
  digest: string;
};

export function makeNameOwners(
  table: TableWith<'batchGet' | 'put' | 'update'>,
  TableName: string,
  requestDays = Infinity,
) {
  const { addWaitingDuplicate } = makeAddWaitingDuplicate(table, TableName, requestDays);
  const getAll = makeGetAll(table, TableName);

  /**
   * Makes duplicates name the owners that their contents have now. For rows that were not there, or did not name an
   * owner, when the content passed on: the claims are read after the rows were written, and again after each change.
   */
  async function nameOwners(rows: readonly DuplicateRow[]): Promise<void> {
    for (const some of slices(rows, MAX_KEYS)) await nameOwnersOf(some);
  }

  async function nameOwnersOf(rows: readonly DuplicateRow[]): Promise<void> {
    if (rows.length === 0) return;
    const keys = new Map(
      rows.map(({ digest, model }) => keyOfContent(digest, model)).map((key) => [placeOf(key), key]),
    );
    const claims = new Map((await getAll([...keys.values()])).map((item) => [placeOf(item), item]));
    const changed: DuplicateRow[] = [];
    const look = async (row: DuplicateRow) => {
      const claim = claims.get(placeOf(keyOfContent(row.digest, row.model)));
      if (claim === undefined) return; // it has expired, with its owner
      const { owner, term } = contentClaimSchema.parse(claim);
      if (owner === row.run || (owner === row.duplicateOf && term === (row.ownerTerm ?? 1))) return;
      await addWaitingDuplicate(owner, { ...row, id: row.run });
      const isAsSeen = { expression: 'attempt = :attempt', values: { ':attempt': row.attempt } };
      await rename(table, TableName, { ...row, owner, term }, isAsSeen);
      changed.push({ ...row, duplicateOf: owner, ownerTerm: term });
    };
    for await (const _named of inOrder(rows, AT_ONCE, look));
    await nameOwnersOf(changed);
  }

  return { nameOwners };
}
