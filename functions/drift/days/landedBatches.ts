import { inOrder } from '../../../core/base/concurrency/inOrder.ts';
import type { BatchRef } from '../../../core/base/messages.ts';
import type { ReadPiece } from '../../../core/base/objectStore.ts';
import { readBatch, sceneOf } from '../../../core/batches/manifest.ts';
import type { Ledger } from '../../../core/ledger/contract.ts';
import type { Mark } from '../../../core/ledger/dueDays.ts';
import type { LedgerRow } from '../../../core/ledger/ledgerRow.ts';

const BATCHES_AT_ONCE = 4;

export type BatchPorts = { ledger: Pick<Ledger, 'openBatches' | 'rowsOf'>; readPiece: ReadPiece };

/**
 * An open batch may still add files to a day, with times after it was opened. A batch that has closed since it marked
 * the day has ended all of its files; they are read by their keys, as an index may not show them yet.
 */
export function makeLandedBatches({ ledger, readPiece }: BatchPorts) {
  const rowsOf = makeCountedRows({ ledger, readPiece });

  return async (day: string, fresh: readonly Mark[]): Promise<{ opened: string[]; landed: LedgerRow[] }> => {
    const open = (await ledger.openBatches()).filter(({ batch }) => batch.day === day);
    const isOpen = new Set(open.map(({ batch }) => batch.id));
    const closed = new Map(fresh.flatMap(({ batch }) => (batch && !isOpen.has(batch.id) ? [[batch.id, batch]] : [])));
    const landed = await Array.fromAsync(inOrder(closed.values(), BATCHES_AT_ONCE, (batch) => rowsOf(batch)));
    return { opened: open.map(({ openedAt }) => openedAt), landed: landed.flat() };
  };
}

/** The counted rows of a batch's files, eventually consistent at half the price; none if its manifest has expired. */
export function makeCountedRows({ ledger, readPiece }: { ledger: Pick<Ledger, 'rowsOf'>; readPiece: ReadPiece }) {
  return async (batch: BatchRef, isNow = true): Promise<LedgerRow[]> => {
    const lines = (await readBatch(readPiece, batch)) ?? [];
    const rows = await ledger.rowsOf(lines.map(sceneOf), batch.model, isNow);
    return [...rows.values()].filter(({ state }) => state === 'DONE' || state === 'EMPTY');
  };
}
