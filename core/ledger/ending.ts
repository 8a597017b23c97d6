import type { RunRef } from '../messages.ts';
import { dayOf } from '../time/days.ts';
import type { Mark } from './dueDays.ts';
import type { Ledger } from './ledger.ts';
import type { OpenBatch } from './openBatches.ts';

type Due = Omit<Mark, 'at'>;

/**
 * For this long before its end, a day is treated as closed: a row written now may only become visible after the day's
 * end.
 */
const NEARLY_MILLISECONDS = 60_000;

/**
 * Provides the end time of a run or of a file in a batch. The cut-offs of a day's numbers compare these times. If the
 * day has closed, or is about to, it is first marked as due, once. The time is taken after the mark is written: a
 * reader that missed the mark therefore counts no run that ends after it.
 */
export function makeEnding({ ledger, now }: { ledger: Pick<Ledger, 'markDue'>; now: () => Date }, due: Due) {
  let marked: Promise<void> | undefined;

  /** Returns the time for an end that is about to be written. */
  async function time(): Promise<Date> {
    const at = now();
    if (due.day >= dayOf(at.getTime() + NEARLY_MILLISECONDS)) return at;
    marked ??= ledger.markDue({ ...due, at: at.toISOString() });
    await marked;
    return now();
  }

  /** Must be called before a batch closes: the write of an end may have been slow, and its day counted meanwhile. */
  async function beforeClosing(): Promise<void> {
    await time();
  }

  return { time, beforeClosing };
}

/**
 * Returns the mark for an attempt of a run. Its row is already in `PREDICTED`, so whoever judges the day sees that the
 * run is about to end.
 */
export function dueByRun({ id, attempt, day, scene, model }: RunRef): Due {
  return { day, mark: `${id}-${attempt}`, landing: { scene, model } };
}

/** Returns the mark for all files of a batch together. */
export function dueByBatch({ batch, attempt }: OpenBatch): Due {
  return { day: batch.day, mark: `${batch.id}-${attempt}`, batch };
}
