import { inOrder } from '../inOrder.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LedgerRow } from '../ledger/ledgerRow.ts';
import type { OpenBatch } from '../ledger/openBatches.ts';
import type { BatchResult, SceneRef } from '../messages.ts';
import type { Content } from '../predictions/predictionColumns.ts';
import { sceneId } from '../run.ts';

const ENDS_AT_ONCE = 32;

/** An end of a run, to be written in the place of the row that was seen. */
export type End = { seen: LedgerRow | undefined; row: (at: Date) => LedgerRow & { batch: string } };

/** What the ledger says of a batch's files, as it is known so far. */
export function makeBatchRows(
  ledger: Pick<Ledger, 'rowsOf' | 'end'>,
  { batch, openedAt, execution }: OpenBatch,
  scenes: readonly SceneRef[],
) {
  let rows = new Map<string, LedgerRow>();
  const rowOf = (scene: SceneRef) => rows.get(sceneId(scene));
  const isOurs = (row: LedgerRow | undefined) => row?.batch === batch.id;

  /**
   * What is there of the files. What a first attempt does not see yet, it finds where it claims the bytes, or is refused at the end:
   * so it asks at half the price. Whoever comes after another has to see what that one has written.
   */
  async function read(isNow = true): Promise<void> {
    rows = await ledger.rowsOf(scenes, batch.model, isNow);
  }

  /**
   * Whether a file has still to come to its end here: one without a run, or whose run has failed in a batch that is over
   * and has attempts left. A run that has been tried by an execution of its own stays with such. What this execution has
   * ended was ended here, also where the batch has been closed since, as a step that nobody heard of is repeated.
   */
  function isOpen(scene: SceneRef): boolean {
    const row = rowOf(scene);
    if (row === undefined) return true;
    const isEndedHere = isOurs(row) && (row.changed >= openedAt || row.execution === execution);
    return row.state === 'FAILED' && row.batch !== undefined && row.attempt < row.attemptLimit && !isEndedHere;
  }

  /**
   * Writes ends; what is refused has another row by then, which is looked at. Answers how many could not be written for
   * trouble of the moment: whether they were is for the next attempt to see.
   */
  async function end(
    ends: readonly End[],
    time: () => Promise<Date>,
    isTrouble: (error: unknown) => boolean,
  ): Promise<unknown[]> {
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

  /** Whose predictions the batch's file holds: those of the files whose rows say that they are done by it, or of some of them. */
  function done(some: readonly SceneRef[] = scenes): Content[] {
    return some.flatMap((scene) => {
      const row = rowOf(scene);
      return isOurs(row) && row?.state === 'DONE' && row.digest !== undefined
        ? [{ run: row.run, digest: row.digest }]
        : [];
    });
  }

  function result(): BatchResult {
    const ofState = (state: LedgerRow['state']) =>
      scenes.filter((scene) => isOurs(rowOf(scene)) && rowOf(scene)?.state === state).length;
    const counts = {
      done: ofState('DONE'),
      empty: ofState('EMPTY'),
      duplicate: ofState('DUPLICATE'),
      invalid: ofState('INVALID'),
      failed: ofState('FAILED'),
    };
    const ended = Object.values(counts).reduce((sum, count) => sum + count, 0);
    return { files: scenes.length, ...counts, leftOut: scenes.length - ended, unsettled: 0 };
  }

  return { read, rowOf, isOpen, end, done, result };
}
