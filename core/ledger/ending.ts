import { dayOf } from '../days.ts';
import type { RunRef } from '../messages.ts';
import type { Mark } from './dueDays.ts';
import type { Ledger } from './ledger.ts';
import type { OpenBatch } from './openBatches.ts';

type Due = Omit<Mark, 'at'>;

/** So long before its end a day is treated as if it had closed: what is written now may be seen when it has. */
const NEARLY_MILLISECONDS = 60_000;

/**
 * When a run comes to its end, or a file of a batch, which is what the cut-offs of a day's numbers compare. Where the day is
 * closed, or about to be, it is marked as due before, once. The time is taken after that: whoever looked for marks before
 * this one was written counts no run of a later time.
 */
export function makeEnding({ ledger, now }: { ledger: Pick<Ledger, 'markDue'>; now: () => Date }, due: Due) {
  let marked: Promise<void> | undefined;

  /** The time of an end that is about to be written. */
  async function time(): Promise<Date> {
    const at = now();
    if (due.day >= dayOf(at.getTime() + NEARLY_MILLISECONDS)) return at;
    marked ??= ledger.markDue({ ...due, at: at.toISOString() });
    await marked;
    return now();
  }

  /** To be called before a batch closes: an end that was long on its way may have come into a day that is counted by now. */
  async function beforeClosing(): Promise<void> {
    await time();
  }

  return { time, beforeClosing };
}

/** What an attempt of a run marks its day with; its row is in `PREDICTED` by then, so that whoever judges the day sees it coming. */
export function dueByRun({ id, attempt, day, scene, model }: RunRef): Due {
  return { day, mark: `${id}-${attempt}`, landing: { scene, model } };
}

/** The same for all files of a batch together. */
export function dueByBatch({ batch, attempt }: OpenBatch): Due {
  return { day: batch.day, mark: `${batch.id}-${attempt}`, batch };
}
