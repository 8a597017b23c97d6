import type { LedgerRow } from './ledgerRow.ts';

/**
 * Returns the words that explain why a duplicate is not counted, to stand before the id of the run that is. Undefined
 * for other runs.
 */
export function duplicateNote({ duplicateOf, prefix }: Pick<LedgerRow, 'duplicateOf' | 'prefix'>): string | undefined {
  if (duplicateOf === undefined) return undefined;
  return prefix === true ? 'an unfinished copy of the file of run' : 'the same bytes as run';
}
