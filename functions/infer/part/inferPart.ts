import { piecesKey, preparedKey } from '../../../core/base/keys.ts';
import type { InferInput, PartResult } from '../../../core/base/messages.ts';
import type { Results } from '../../../core/base/objectStore.ts';
import { stopIfAsked, type Work } from '../../../core/base/step.ts';
import type { WarmTime } from '../../../core/inference/warmTime.ts';
import { keepLease } from '../../../core/ledger/lease.ts';
import { encodePredictions } from '../../../core/results/encodePredictions.ts';
import { makePieces } from '../../../core/results/maps/pieces.ts';
import { countedSum, placed } from '../../../core/results/predictionColumns.ts';
import { decodePart } from '../../../core/scenes/preparedPart.ts';
import { predictionsTable } from '../../../core/tables/predictionsTable.ts';
import type { RegisterPartition } from '../../../core/tables/table.ts';
import { writeSummary } from '../../../core/tasks/summaries.ts';
import { classifyPart, inMap, type TakePlanes } from '../classifyPart.ts';
import { type InferencePorts, inferenceFor } from '../inferenceFor.ts';
import { makeKeptBuffer } from '../keptBuffer.ts';
import { type WritePredictionsPorts, writePredictions } from './writePredictions.ts';

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
    const renewed = ports.now();
    await ports.ledger.renew(run, renewed, ports.leaseSeconds);
    const keepClaim = keepLease(ports, run, renewed);
    const [classifier, bytes] = await Promise.all([
      inferenceFor(ports, run.model, [run.scene]),
      ports.readResult(preparedKey(run.id, number), undefined, buffer.makeBuffer),
      ports.registerPartition(predictionsTable, [run.model.name, run.model.version, run.day]),
    ]);
    const part = decodePart(bytes);
    const { model } = classifier;
    const between = async () => {
      stopIfAsked(invocation);
      await keepClaim();
    };
    const pieces = makePieces();
    const isMapped = model.output.pixels !== null && (part.window?.width[0] ?? 0) > 0;
    const time: WarmTime = { perChip: null, clock: ports.clock };
    const take: TakePlanes = (chip, area, planes) => {
      if (!isMapped) return;
      pieces.add({ ...inMap(part, chip, area, model), planes });
    };
    const origin = { run: run.id, digest: run.digest, scene: run.scene.key, acquired: run.acquired };
    const predictions = placed(part, await classifyPart(classifier, part, between, take, time), model, () => origin);
    await keepClaim();
    if (isMapped) await ports.writeResult(piecesKey(run, number), pieces.encode());
    const writer = `${run.execution}#${run.attempt}`;
    await writePredictions(ports, run, number, encodePredictions(model, predictions, writer));
    const sum = countedSum(predictions, model);
    await writeSummary(ports.writeResult, run, number, sum, time.perChip);
    Object.assign(log, { chips: part.chips, bytes: bytes.byteLength, missing: model.task.missing(sum) });
    return { part: number };
  };
}
