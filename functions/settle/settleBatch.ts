import { isUnusable } from '../../core/base/errors.ts';
import type { BatchResult, SettleBatchInput } from '../../core/base/messages.ts';
import type { ReadPiece, VersionedObjects } from '../../core/base/objectStore.ts';
import type { Work } from '../../core/base/step.ts';
import { type BatchFile, makeBatchFile } from '../../core/batches/batchFile.ts';
import { BATCH_STEP, leftOut } from '../../core/batches/batchResult.ts';
import { type End, makeBatchRows, makeEndedRow } from '../../core/batches/batchRows.ts';
import { readBatch, sceneOf } from '../../core/batches/manifest.ts';
import type { Ledger } from '../../core/ledger/contract.ts';
import { dueByBatch, makeEnding } from '../../core/ledger/dueDays.ts';
import { type HoldsBatches, keepBatch } from '../../core/ledger/openBatches.ts';
import { countRecentFailures } from '../../core/ledger/recentFailures.ts';
import type { Publish } from '../../core/metrics/metrics.ts';
import type { Models } from '../../core/releases/contract.ts';
import type { Content } from '../../core/results/predictionColumns.ts';
import { noted, withModel } from './readError.ts';

export type SettleBatchPorts = VersionedObjects & {
  ledger: HoldsBatches & Pick<Ledger, 'rowsOf' | 'end' | 'nameOwners' | 'markDue' | 'byState'>;
  models: Pick<Models, 'load'>;
  readPiece: ReadPiece;
  publish: Publish;
  now: () => Date;
  attemptLimit: number;
  leaseSeconds: number;
};

/**
 * Ends a batch whose worker failed: files that have not ended become `FAILED`. Its predictions are made consistent with the ledger
 * twice: before, so that none are there for failed files, and after, because only when each file has a row can no late worker end
 * one. If a late worker has ended a file whose predictions are already removed, the batch stays open, and the next worker
 * classifies that file again. A batch that was interrupted on purpose is released as it is, without failing any file.
 */
export function makeSettleBatch(ports: SettleBatchPorts): Work<SettleBatchInput, BatchResult> {
  const { ledger, now } = ports;

  return async ({ batch, ...ended }, _invocation, log) => {
    log['batch'] = batch.id;
    const thrown = noted(log, ended, BATCH_STEP);
    const opened = await ledger.openBatch(batch, ended.execution, now, ports.leaseSeconds, false);
    if (opened === undefined) return leftOut(batch.files);
    if (thrown.name === 'Interrupted') {
      await ledger.releaseBatch(opened, now());
      return leftOut(batch.files);
    }
    const scenes = (await readBatch(ports.readPiece, batch))?.map(sceneOf);
    if (scenes === undefined) {
      // The next sweep finds its files that have no run.
      await ledger.closeBatch(opened);
      return leftOut(batch.files);
    }
    const rows = makeBatchRows(ledger, opened, scenes);
    await rows.read();
    const ending = makeEnding(ports, dueByBatch(opened));
    const kept = keepBatch(ports, opened);
    const makeRow = makeEndedRow(opened, ports.attemptLimit);
    const failure = withModel(thrown, batch.model);
    const ends = scenes.filter(rows.isOpen).map((scene): End => {
      const seen = rows.rowOf(scene);
      return { seen, row: (at) => makeRow.failed({ scene, since: at, at, seen }, 'FAILED', failure) };
    });
    const file = makeBatchFile({ ...ports, assertHeld: kept.need }, opened, () => ports.models.load(batch.model));
    await file.read();
    await clean(file, rows.done());
    const isTrouble = () => false;
    await rows.end(ends, async () => now(), isTrouble);
    await clean(file, rows.done());
    const isWhole = rows.done().every(file.has);
    if (isWhole) {
      await ledger.nameOwners(rows.duplicates());
      await ending.beforeClosing();
      await ledger.closeBatch(opened);
    } else await ledger.releaseBatch(opened, now());
    const result = { ...rows.result(), unsettled: isWhole ? 0 : 1 };
    Object.assign(log, result);
    if (result.failed > 0) await ports.publish([await countRecentFailures(ports, 'FAILED', result.failed)]);
    return result;
  };
}

const clean = (file: BatchFile, done: readonly Content[]): Promise<unknown> =>
  file.write(done).catch((error: unknown) => {
    // Such a model cannot be loaded, so no worker can still write its predictions.
    if (!isUnusable(error) || !file.isEmpty()) throw error;
  });
