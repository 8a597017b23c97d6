import type { JudgedRun } from '../../core/drift/recentWindow.ts';
import { countedRunSchema } from '../../core/ledger/ledgerItem.ts';
import { countRecentFailures } from '../../core/ledger/recentFailures.ts';
import type { LogFields } from '../../core/log.ts';
import type { BatchRef, BatchResult, ModelRef } from '../../core/messages.ts';
import { makeCountedRows } from './landedBatches.ts';
import type { DriftPorts } from './ports.ts';

type PublishAfter = (model: ModelRef, runs: readonly JudgedRun[]) => Promise<void>;

/**
 * After a batch of files that arrived: what its runs say together with those that came lately, and what went wrong with them,
 * so that alarms tell as soon as they do of files with an execution each. Of its day, where that is over, the batch has marked
 * that it is due.
 */
export function makeWatchBatch(ports: DriftPorts, publishAfter: PublishAfter) {
  const countedRows = makeCountedRows(ports);

  return async (batch: BatchRef, result: BatchResult, log: LogFields) => {
    Object.assign(log, { batch: batch.id, ...result });
    const read = async (isNow: boolean) => (await countedRows(batch, isNow)).filter((row) => row.batch === batch.id);
    const shown = await read(false);
    // Where what is a little behind the table does not show all that the batch has brought to an end that counts, as it stands.
    const rows = shown.length === result.done + result.empty ? shown : await read(true);
    const newestFirst = rows.sort((one, other) => (placeOf(one) < placeOf(other) ? 1 : -1));
    const runs = newestFirst.map((row) => ({ ...countedRunSchema.parse(row), day: batch.day }));
    if (runs.length > 0) await publishAfter(batch.model, runs);
    const failures = (['FAILED', 'INVALID'] as const).flatMap((state) => {
      const count = result[state === 'FAILED' ? 'failed' : 'invalid'];
      return count > 0 ? [countRecentFailures(ports, state, count)] : [];
    });
    if (failures.length > 0) await ports.publish(await Promise.all(failures));
    return { status: 'watched' } as const;
  };
}

/** As the index by day has them in order. */
function placeOf({ changed, run }: { changed: string; run: string }): string {
  return `${changed}#${run}`;
}
