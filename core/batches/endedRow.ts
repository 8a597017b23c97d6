import { type Failure, failed, limitAfter } from '../ledger/ledger.ts';
import { toBeTried } from '../ledger/ledgerItem.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import type { OpenBatch } from '../ledger/openBatches.ts';
import type { SceneRef } from '../messages.ts';
import { runId } from '../run.ts';

export type EndState = 'DONE' | 'EMPTY' | 'DUPLICATE' | 'INVALID' | 'FAILED';

export type Found = Pick<
  LedgerRow,
  | 'size'
  | 'digest'
  | 'chips'
  | 'blank'
  | 'refused'
  | 'warned'
  | 'warnings'
  | 'classes'
  | 'missing'
  | 'probabilitySum'
  | 'duplicateOf'
>;
/** The file, since when it was processed, when its end is written, and the row that was there. */
type About = { scene: SceneRef; since: Date; at: Date; seen: LedgerRow | undefined };

/**
 * Builds the final row of a run that was processed in a batch. It has the same fields that readers use as the row of a
 * run with its own execution. It is kept below 1 KB, the unit by which writes are billed, in the table and in each
 * index.
 */
export function makeEndedRow({ batch, execution }: OpenBatch, attemptLimit: number) {
  const base = ({ scene, since, at, seen }: About) => ({
    ...{ run: runId(scene, batch.model), scene, model: batch.model, day: batch.day, batch: batch.id },
    ...{ changed: at.toISOString(), claimedAt: since.toISOString(), execution },
    attempt: (seen?.attempt ?? 0) + 1,
    attemptLimit: seen?.attemptLimit ?? attemptLimit,
    ...(seen?.failures && { failures: seen.failures }),
  });

  function ended(about: About, state: EndState, found: Found): LedgerRow & { batch: string } {
    const countedDay = state === 'DONE' || state === 'EMPTY' ? { countedDay: batch.day } : {};
    return { ...base(about), state, ...countedDay, ...found };
  }

  function endedFailing(about: About, state: 'INVALID' | 'FAILED', failure: Failure) {
    const row = base(about);
    const story = failed(row, failure, about.at);
    const attemptLimit = limitAfter(row, story.error);
    const { countedDay } = toBeTried({ ...row, attemptLimit });
    return { ...row, state, ...story, attemptLimit, ...(state === 'FAILED' && countedDay && { countedDay }) };
  }

  return Object.assign(ended, { failed: endedFailing });
}
