import { inOrder } from '../../../core/base/concurrency/inOrder.ts';
import type { BatchRef } from '../../../core/base/messages.ts';
import type { ReadPiece } from '../../../core/base/objectStore.ts';
import { readBatch, sceneOf } from '../../../core/batches/manifest.ts';
import type { Ledger } from '../../../core/ledger/contract.ts';
import type { Mark } from '../../../core/ledger/dueDays.ts';
import { endedRunSchema } from '../../../core/ledger/ledgerItem.ts';
import { rowsInState } from '../../../core/ledger/ledgerQueries.ts';
import type { LedgerRow } from '../../../core/ledger/ledgerRow.ts';
import { isRunning } from '../../../core/ledger/states.ts';

/** The table's indexes are eventually consistent, usually within a moment: rows older than this are sure to be in them. */
const INDEX_MILLISECONDS = 60_000;

/**
 * A run ends in the same call that marks its day, and a Lambda call takes up to 15 minutes. A run that marked its day longer ago
 * than that, plus the delay of an index, has therefore ended, and the index shows it.
 */
const FRESH_MILLISECONDS = 15 * 60_000 + INDEX_MILLISECONDS;

/** Marks of a day since this time are `fresh`. */
export const freshFrom = (asOf: Date): Date => new Date(asOf.getTime() - FRESH_MILLISECONDS);

const [AT_ONCE, BATCHES_AT_ONCE] = [20, 4];

export type BatchPorts = { ledger: Pick<Ledger, 'openBatches' | 'rowsOf'>; readPiece: ReadPiece };

/**
 * Returns the time up to which a day's runs can be counted so that no run joins them later: the time its marks were read, or the
 * moment before the first run of the day that is about to end. A run that has not marked its day yet ends after that. Runs with
 * `fresh` marks, which `landed` or `left` so recently that the index may not show it, are read by their keys.
 */
export function makeCutOff({ ledger, readPiece }: BatchPorts & { ledger: Pick<Ledger, 'get' | 'byState'> }) {
  const landedBatches = makeLandedBatches({ ledger, readPiece });

  return async (day: string, asOf: Date, fresh: readonly Mark[]) => {
    const landed: LedgerRow[] = [];
    const left = new Set<string>();
    let cutOff = asOf.getTime();
    let isLanding = false;
    const waitFor = (time: string) => {
      isLanding = true;
      cutOff = Math.min(cutOff, Date.parse(time) - 1);
    };

    const look = async ({ at, landing: of }: Mark) => ({ at, row: of && (await ledger.get(of.scene, of.model)) });
    for await (const { at, row } of inOrder(fresh, AT_ONCE, look)) {
      if (row === undefined) continue;
      if (isRunning(row.state)) waitFor(at);
      else if (row.state === 'DONE' || row.state === 'EMPTY') landed.push(row);
      else left.add(row.run);
    }

    const batches = await landedBatches(day, fresh);
    batches.opened.forEach(waitFor);
    landed.push(...batches.landed);

    for await (const row of rowsInState(ledger, 'PREDICTED')) if (row.day === day) waitFor(row.changed);

    const isBy = ({ changed }: LedgerRow) => Date.parse(changed) <= cutOff;
    const counted = landed.filter(isBy).map((row) => endedRunSchema.parse(row));
    return { cutOff: new Date(cutOff).toISOString(), isLanding, landed: counted, left };
  };
}

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
    const rows = await ledger.rowsOf(((await readBatch(readPiece, batch)) ?? []).map(sceneOf), batch.model, isNow);
    return [...rows.values()].filter(({ state }) => state === 'DONE' || state === 'EMPTY');
  };
}
