import type { BatchRef, BatchResult } from '../../../core/base/messages.ts';
import type { LogFields } from '../../../core/base/step.ts';
import { inOrderOfEnds } from '../../../core/drift/dayTotals.ts';
import { countedRunSchema } from '../../../core/ledger/ledgerItem.ts';
import { countRecentFailures } from '../../../core/ledger/recentFailures.ts';
import { makeCountedRows } from '../days/landedBatches.ts';
import type { DriftPorts } from '../ports.ts';
import type { RecentDrift } from '../recent/recentDrift.ts';

/**
 * Judges and publishes after a batch of files that arrived: the window with its runs, and its failures, so that alarms react as
 * soon as for files with an execution each. If the batch's day is over, the batch has marked it as due.
 */
export function makeWatchBatch(ports: DriftPorts, { publishAfter }: Pick<RecentDrift, 'publishAfter'>) {
  const countedRows = makeCountedRows(ports);

  return async (batch: BatchRef, result: BatchResult, log: LogFields) => {
    Object.assign(log, { batch: batch.id, ...result });
    const read = async (isNow: boolean) => (await countedRows(batch, isNow)).filter((row) => row.batch === batch.id);
    const shown = await read(false);
    // If the eventually consistent read lacks some of the batch's counted runs, read consistently.
    const rows = shown.length === result.done + result.empty ? shown : await read(true);
    const newestFirst = rows.sort((one, other) => inOrderOfEnds(other, one));
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
