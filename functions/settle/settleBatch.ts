import { type BatchFile, makeBatchFile } from '../../core/batches/batchFile.ts';
import { BATCH_STEP, leftOut } from '../../core/batches/batchResult.ts';
import { type End, makeBatchRows } from '../../core/batches/batchRows.ts';
import { makeEndedRow } from '../../core/batches/endedRow.ts';
import { keepBatch } from '../../core/batches/keepBatch.ts';
import { readBatch, sceneOf } from '../../core/batches/manifest.ts';
import { withoutCitations } from '../../core/cited.ts';
import { InvalidModelPackage, ObjectNotFound } from '../../core/errors.ts';
import { dueByBatch, makeEnding } from '../../core/ledger/ending.ts';
import type { Ledger } from '../../core/ledger/ledger.ts';
import type { OpenBatch } from '../../core/ledger/openBatches.ts';
import { countRecentFailures } from '../../core/ledger/recentFailures.ts';
import type { BatchResult, SettleBatchInput } from '../../core/messages.ts';
import type { Publish } from '../../core/metrics.ts';
import type { Models } from '../../core/models/models.ts';
import type { ReadPiece, VersionedObjects } from '../../core/objectStore.ts';
import type { Content } from '../../core/predictions/predictionColumns.ts';
import type { Work } from '../../core/step.ts';
import { readError, withModel } from './readError.ts';

export type SettleBatchPorts = VersionedObjects & {
  ledger: Pick<
    Ledger,
    'openBatch' | 'renewBatch' | 'releaseBatch' | 'closeBatch' | 'rowsOf' | 'end' | 'markDue' | 'byState'
  >;
  models: Pick<Models, 'load'>;
  readPiece: ReadPiece;
  publish: Publish;
  now: () => Date;
  attemptLimit: number;
  leaseSeconds: number;
};

/**
 * Ends a batch whose worker failed: those of its files that have not come to an end are `FAILED`, and its predictions are
 * brought to what the ledger says, before, so that none is there of what has failed, and once more after: only when each
 * file has a row can no worker that wakes up late end one. Where such a worker has ended one whose predictions nobody has
 * any more, the batch stays open: the next one that takes it classifies that file once more. A batch that a stop on purpose has interrupted is let go as it is, and charged to no file.
 */
export function makeSettleBatch(ports: SettleBatchPorts): Work<SettleBatchInput, BatchResult> {
  const { ledger, now } = ports;

  return async ({ batch, execution, error }, _invocation, log) => {
    const { name, message } = readError(error);
    Object.assign(log, { step: BATCH_STEP, batch: batch.id, name, message: withoutCitations(message), execution });
    const opened = await ledger.openBatch(batch, execution, now, ports.leaseSeconds);
    if (opened === undefined) return leftOut(batch.files);
    if (name === 'Interrupted') {
      await ledger.releaseBatch(opened, now());
      return leftOut(batch.files);
    }
    const scenes = (await readBatch(ports.readPiece, batch))?.map(sceneOf);
    if (scenes === undefined) {
      // Whatever no run knows of it, the next sweep finds.
      await ledger.closeBatch(opened);
      return leftOut(batch.files);
    }
    const rows = makeBatchRows(ledger, opened, scenes);
    await rows.read();
    const ending = makeEnding(ports, dueByBatch(opened));
    const kept = keepBatch(ports, opened);
    const makeRow = makeEndedRow(opened, ports.attemptLimit);
    const failure = withModel({ name, message, step: BATCH_STEP }, batch.model);
    const ends = scenes.filter(rows.isOpen).map((scene): End => {
      const seen = rows.rowOf(scene);
      return { seen, row: (at) => makeRow.failed({ scene, since: at, at, seen }, 'FAILED', failure) };
    });
    const file = await openFile(opened, kept.need);
    await clean(file, rows.done());
    await rows.end(
      ends,
      async () => now(),
      () => false,
    );
    await clean(file, rows.done());
    const isWhole = rows.done().every(file.has);
    if (isWhole) {
      await ending.beforeClosing();
      await ledger.closeBatch(opened);
    } else await ledger.releaseBatch(opened, now());
    const result = { ...rows.result(), unsettled: isWhole ? 0 : 1 };
    Object.assign(log, result);
    if (result.failed > 0) await ports.publish([await countRecentFailures(ports, 'FAILED', result.failed)]);
    return result;
  };

  async function openFile(opened: OpenBatch, assertHeld: () => Promise<void>): Promise<BatchFile> {
    const file = makeBatchFile({ ...ports, assertHeld }, opened, () => ports.models.load(opened.batch.model));
    await file.read();
    return file;
  }

  async function clean(file: BatchFile, done: readonly Content[]): Promise<void> {
    try {
      await file.write(done);
    } catch (error) {
      // Nobody could ever load such a model, so there is no worker that could still write its predictions.
      const isUnusable = error instanceof InvalidModelPackage || error instanceof ObjectNotFound;
      if (!isUnusable || !file.isEmpty()) throw error;
    }
  }
}
