import { readBatch, sceneOf } from '../../core/batches/manifest.ts';
import { inOrder } from '../../core/concurrency/inOrder.ts';
import type { Mark } from '../../core/ledger/dueDays.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import type { BatchRef } from '../../core/messages.ts';
import type { ReadPiece } from '../../core/objectStore.ts';

const AT_ONCE = 4;

type CountedRowsPorts = { ledger: Pick<Ledger, 'rowsOf'>; readPiece: ReadPiece };
export type BatchPorts = { ledger: Pick<Ledger, 'openBatches' | 'rowsOf'>; readPiece: ReadPiece };

/**
 * Determines what batches of bulk files mean for the count of a day. An open batch may still add files to it, with times after it
 * was opened. A batch that has closed since it marked the day has ended all of its files; they are read by their keys, as an
 * index may not show them yet.
 */
export function makeLandedBatches({ ledger, readPiece }: BatchPorts) {
  const rowsOf = makeCountedRows({ ledger, readPiece });

  return async (day: string, fresh: readonly Mark[]): Promise<{ opened: string[]; landed: LedgerRow[] }> => {
    const open = (await ledger.openBatches()).filter(({ batch }) => batch.day === day);
    const isOpen = new Set(open.map(({ batch }) => batch.id));
    const closed = new Map(fresh.flatMap(({ batch }) => (batch && !isOpen.has(batch.id) ? [[batch.id, batch]] : [])));
    const landed: LedgerRow[] = [];
    for await (const rows of inOrder(closed.values(), AT_ONCE, (batch) => rowsOf(batch))) landed.push(...rows);
    return { opened: open.map(({ openedAt }) => openedAt), landed };
  };
}

/**
 * The rows of a batch's files that count for its day, read consistently, or eventually consistent at half the price; none if its
 * manifest has expired.
 */
export function makeCountedRows({ ledger, readPiece }: CountedRowsPorts) {
  return async (batch: BatchRef, isNow = true): Promise<LedgerRow[]> => {
    const lines = (await readBatch(readPiece, batch)) ?? [];
    const rows = await ledger.rowsOf(lines.map(sceneOf), batch.model, isNow);
    return [...rows.values()].filter(({ state }) => state === 'DONE' || state === 'EMPTY');
  };
}
