import { ClaimLost } from '../../../core/base/errors.ts';
import { piecesKey, predictionsKey, preparedKey } from '../../../core/base/keys.ts';
import type { InferInput, PartResult, RunRef } from '../../../core/base/messages.ts';
import type { ObjectVersion, Results, VersionedObjects } from '../../../core/base/objectStore.ts';
import type { Work } from '../../../core/base/step.ts';
import type { WarmTime } from '../../../core/inference/warmTime.ts';
import type { Ledger } from '../../../core/ledger/contract.ts';
import { keepLease, type LeasePorts } from '../../../core/ledger/lease.ts';
import { mayHaveResults } from '../../../core/ledger/ledgerRow.ts';
import { encodePredictions } from '../../../core/results/encodePredictions.ts';
import { encodePieces, type PackedPiece, packPiece } from '../../../core/results/maps/pieces.ts';
import { countedSum, placed } from '../../../core/results/predictionColumns.ts';
import { decodePart } from '../../../core/scenes/preparedPart.ts';
import { predictionsTable } from '../../../core/tables/predictionsTable.ts';
import type { RegisterPartition } from '../../../core/tables/table.ts';
import { writeSummary } from '../../../core/tasks/summaries.ts';
import { classifyPart, inMap, type TakePlanes } from '../classifyPart.ts';
import { type InferencePorts, inferenceFor } from '../inferenceFor.ts';
import { makeKeptBuffer } from '../keptBuffer.ts';

export type InferPartPorts = WritePredictionsPorts &
  InferencePorts &
  Pick<Results, 'readResult' | 'writeResult'> & {
    registerPartition: RegisterPartition;
    /** Milliseconds, for what a chip takes; the process's own by default. */
    clock?: () => number;
  };

/** Writes the pieces of the scene's map, if its task is of pixels, then the predictions, and then their summary. */
export function makeInferPart(ports: InferPartPorts): Work<InferInput, PartResult> {
  const lendBuffer = makeKeptBuffer();

  return async ({ run, part: number }, invocation, log) => {
    using buffer = lendBuffer();
    Object.assign(log, { run: run.id, key: run.scene.key, part: number });
    // An attempt that has lost its claim stops here, before it writes anything.
    const kept = keepLease(ports, run);
    await kept.need();
    const [classifier, bytes] = await Promise.all([
      inferenceFor(ports, run.model, [run.scene]),
      ports.readResult(preparedKey(run.id, number), undefined, buffer.makeBuffer),
      ports.registerPartition(predictionsTable, [run.model.name, run.model.version, run.day]),
    ]);
    const part = decodePart(bytes);
    const { model } = classifier;
    const between = kept.between(invocation);
    const pieces: PackedPiece[] = [];
    const isMapped = model.output.pixels !== null && (part.window?.width[0] ?? 0) > 0;
    const time: WarmTime = { perChip: null, clock: ports.clock };
    const take: TakePlanes = (chip, area, planes) => {
      if (!isMapped) return;
      pieces.push(packPiece({ ...inMap(part, chip, area, model), planes }));
    };
    const origin = { run: run.id, digest: run.digest, scene: run.scene.key, acquired: run.acquired };
    const predictions = placed(part, await classifyPart(classifier, part, between, take, time), model, () => origin);
    await kept.keep();
    if (isMapped) await ports.writeResult(piecesKey(run, number), encodePieces(pieces));
    const writer = `${run.execution}#${run.attempt}`;
    await writePredictions(ports, run, number, encodePredictions(model, predictions, writer));
    const sum = countedSum(predictions, model);
    await writeSummary(ports.writeResult, run, number, sum, time.perChip);
    Object.assign(log, { chips: part.chips, bytes: bytes.byteLength, missing: sum.missing });
    return { part: number };
  };
}

type WritePredictionsPorts = VersionedObjects & LeasePorts & { ledger: Pick<Ledger, 'get'> };

/**
 * Writes a part's predictions while the run's claim is held.
 *
 *   time → [there is one: read ── renew] ── replace ── is it wanted?
 *
 * It replaces only a version that it read before it renewed its claim, so never one of a newer attempt. If the attempt was over
 * when it wrote, it removes what it wrote, because whoever ended the run had removed the predictions before. If it cannot find
 * out, it leaves the object: another worker of the same step may have written the same bytes, on which the run may rely. The step
 * is then retried; for a run that counts nothing, the sweep removes the rest. A failed write may have happened: then the object
 * has exactly these bytes, which no other attempt writes.
 *
 * @param bytes contain the attempt that wrote them
 * @throws ClaimLost if another attempt holds the run, or the run has ended
 */
async function writePredictions(ports: WritePredictionsPorts, run: RunRef, part: number, bytes: Uint8Array) {
  const key = predictionsKey(run, part);
  const version = await replace(ports, run, key, bytes).catch(async (error: unknown) => {
    const found = await ports.readVersion(key).catch(() => null); // the next attempt removes it, or the sweep
    const isOurs = found !== null && Buffer.compare(found.bytes, bytes) === 0;
    if (isOurs) await removeUnlessWanted(ports, run, { key, version: found.version }).catch(() => {});
    throw error;
  });
  if (!(await removeUnlessWanted(ports, run, { key, version })))
    throw new ClaimLost(`Attempt ${run.attempt} of the run ${run.id} was over when it wrote ${key}.`);
}

async function replace(ports: WritePredictionsPorts, run: RunRef, key: string, bytes: Uint8Array): Promise<string> {
  const { ledger, readVersion, replaceVersion, now, leaseSeconds } = ports;
  let written = await replaceVersion(key, bytes, null);
  while (written === null) {
    const before = await readVersion(key); // of a former attempt, or of this step, if it is repeated
    await ledger.renew(run, now(), leaseSeconds);
    written = await replaceVersion(key, bytes, before?.version ?? null);
  }
  return written;
}

/** Returns whether the version was wanted, and so is still there. */
async function removeUnlessWanted(ports: WritePredictionsPorts, run: RunRef, written: ObjectVersion): Promise<boolean> {
  const row = await ports.ledger.get(run.scene, run.model);
  const isWanted = mayHaveResults(row) && row.attempt === run.attempt && row.execution === run.execution;
  if (!isWanted) await ports.removeVersion(written);
  return isWanted;
}
