import { inOrder } from '../base/concurrency/inOrder.ts';
import { type BatchResult, runId, type SceneRef, sceneId } from '../base/messages.ts';
import type { DuplicateRow, Failure, Ledger } from '../ledger/contract.ts';
import { toBeTried } from '../ledger/ledgerItem.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import type { OpenBatch } from '../ledger/openBatches.ts';
import { failed, limitAfter } from '../ledger/runs.ts';
import type { Content } from '../results/predictionColumns.ts';
import { leftOut } from './batchResult.ts';

const ENDS_AT_ONCE = 32;

export type End = { seen: LedgerRow | undefined; row: (at: Date) => LedgerRow & { batch: string } };

export function makeBatchRows(
  ledger: Pick<Ledger, 'rowsOf' | 'end'>,
  { batch, openedAt, execution }: OpenBatch,
  scenes: readonly SceneRef[],
) {
  let rows = new Map<string, LedgerRow>();
  const rowOf = (scene: SceneRef) => rows.get(sceneId(scene));
  /** The row of a file, if this batch has ended it. */
  const ours = (scene: SceneRef) => {
    const row = rowOf(scene);
    return row?.batch === batch.id ? row : undefined;
  };

  /**
   * Reads the rows of the files. The first attempt uses eventually consistent reads, at half the price: a row it misses
   * is found when it claims the content or writes the end. A later attempt must see what the one before it has written.
   */
  async function read(isNow = true): Promise<void> {
    rows = await ledger.rowsOf(scenes, batch.model, isNow);
  }

  /**
   * Returns whether a file has yet to be processed in this batch: it has no run, or its run failed in a batch that is
   * closed and has attempts left. A run that an execution of its own ever tried is left to such executions. A file that
   * this execution has ended stays ended, even if the batch was closed since and the step is repeated, its answer lost.
   */
  function isOpen(scene: SceneRef): boolean {
    const row = rowOf(scene);
    if (row === undefined) return true;
    const isEndedHere = row.batch === batch.id && (row.changed >= openedAt || row.execution === execution);
    return row.state === 'FAILED' && row.batch !== undefined && row.attempt < row.attemptLimit && !isEndedHere;
  }

  /** Writes ends, and reads rows that are there instead. Returns transient errors: the next attempt looks again. */
  async function end(ends: readonly End[], time: () => Promise<Date>, isTrouble = (_: unknown) => false) {
    const errors: unknown[] = [];
    const refused: SceneRef[] = [];
    const write = async ({ seen, row: rowAt }: End): Promise<void> => {
      const row = rowAt(await time());
      try {
        if (await ledger.end(row, seen)) rows.set(sceneId(row.scene), row);
        else refused.push(row.scene);
      } catch (error) {
        if (!isTrouble(error)) throw error;
        errors.push(error);
      }
    };
    for await (const _written of inOrder(ends, ENDS_AT_ONCE, write));
    for (const [id, row] of await ledger.rowsOf(refused, batch.model)) rows.set(id, row);
    return errors;
  }

  /** The contents that the file must hold: of the files, or some, whose rows say that this batch has done them. */
  function done(some: readonly SceneRef[] = scenes): Content[] {
    return some.flatMap((scene) => {
      const { run = '', state, digest } = ours(scene) ?? {};
      return state === 'DONE' && digest !== undefined ? [{ run, digest }] : [];
    });
  }

  /** Returns the rows that this batch has ended as duplicates: while it was open, nobody else could rename all of them. */
  function duplicates(): DuplicateRow[] {
    return scenes.flatMap((scene) => {
      const row = ours(scene);
      return row?.state === 'DUPLICATE' && row.digest !== undefined ? [{ ...row, digest: row.digest }] : [];
    });
  }

  function result(): BatchResult {
    const counts = leftOut(scenes.length);
    for (const state of scenes.flatMap((scene) => ours(scene)?.state ?? [])) {
      counts[state.toLowerCase() as Lowercase<EndState>] += 1;
      counts.leftOut -= 1;
    }
    return counts;
  }

  return { read, rowOf, isOpen, end, done, duplicates, result };
}

export type EndState = 'DONE' | 'EMPTY' | 'DUPLICATE' | 'INVALID' | 'FAILED';

type FoundFields = 'size' | 'digest' | 'chips' | 'blank' | 'refused' | 'warned' | 'warnings' | 'summary' | 'bands';
export type Found = Pick<LedgerRow, FoundFields | 'duplicateOf' | 'acquired'>;
/** The file, since when it was processed, when its end is written, and the row that was there. */
type About = { scene: SceneRef; since: Date; at: Date; seen: LedgerRow | undefined };

/** A run's final row, with the fields that readers of other runs use, and below 1 KB, the unit that is billed. */
export function makeEndedRow({ batch, execution }: OpenBatch, attemptLimit: number) {
  const base = ({ scene, since, at, seen }: About) => ({
    run: runId(scene, batch.model),
    scene,
    model: batch.model,
    day: batch.day,
    batch: batch.id,
    changed: at.toISOString(),
    claimedAt: since.toISOString(),
    execution,
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
