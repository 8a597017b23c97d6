import type { LedgerRow } from './ledgerRow.ts';

/** Why a duplicate counts nothing, in words that go before the id of the run that counts; undefined for other runs. */
export function duplicateNote({ duplicateOf, prefix }: Pick<LedgerRow, 'duplicateOf' | 'prefix'>): string | undefined {
  if (duplicateOf === undefined) return undefined;
  return prefix === true ? 'an unfinished copy of the file of run' : 'the same bytes as run';
}
