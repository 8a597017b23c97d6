import type { Plane } from '../../../core/arrays/dataTypes.ts';
import { InvalidModelPackage } from '../../../core/base/errors.ts';
import { preparedKey, shadowPiecesKey, shadowPredictionsKey } from '../../../core/base/keys.ts';
import type { LogFields } from '../../../core/base/log.ts';
import type { ShadowCall, ShadowProgress, ShadowRef } from '../../../core/base/messages.ts';
import type { MakeBuffer, ReadObject } from '../../../core/base/objectStore.ts';
import { modelId, shadowRunId } from '../../../core/base/run.ts';
import { type Invocation, stopIfAsked, type Work } from '../../../core/base/step.ts';
import type { WarmTime } from '../../../core/inference/warmTime.ts';
import { doorOf } from '../../../core/ledger/doorOf.ts';
import { shadowRow } from '../../../core/ledger/shadowRuns.ts';
import type { Area } from '../../../core/package/area.ts';
import { preparedUnlike } from '../../../core/package/preparesAlike.ts';
import type { Summed } from '../../../core/package/task.ts';
import { encodeShadowPredictions } from '../../../core/results/encodePredictions.ts';
import { makePieces } from '../../../core/results/maps/pieces.ts';
import { counted, placed } from '../../../core/results/predictionColumns.ts';
import { decodePart } from '../../../core/scenes/preparedPart.ts';
import { inRow } from '../../../core/tasks/stored.ts';
import { classifyPart, inMap } from '../classifyPart.ts';
import { makeKeptBuffer } from '../keptBuffer.ts';
import { makeShadowFiles, type ShadowBatchPorts } from './shadowBatch.ts';

export type ShadowPorts = ShadowBatchPorts & { readResult: ReadObject; clock?: () => number };

type OfRun = ShadowCall & { shadow: ShadowRef };

/** A call hands over to the next after this share of its time, to stay clear of the time-out, which an alarm watches. */
const TIME_TO_USE = 0.5;

/**
 * Classifies a run's prepared parts, as many as time allows and at least one, where the last call writes the shadow's row; or the
 * files of a batch, or predictions over HTTP. It writes only its own objects and rows, and a repeated call the same again.
 */
export function makeShadow(ports: ShadowPorts): Work<ShadowCall, ShadowProgress> {
  const withBuffer = makeKeptBuffer();
  const classifyFiles = makeShadowFiles(ports);
  return async ({ shadow, ...call }, invocation, log) => {
    if ('run' in shadow && doorOf(shadow.run.scene) !== 'http')
      return classifyRun({ shadow, ...call }, invocation, log);
    await classifyFiles(shadow, call.execution, invocation, log);
    return { left: 0 };
  };

  async function classifyRun(call: OfRun, invocation: Invocation, log: LogFields): Promise<ShadowProgress> {
    const { shadow, progress, execution } = call;
    const { scene } = shadow.run;
    Object.assign(log, { run: shadowRunId(scene, shadow.model), key: scene.key, shadow: modelId(shadow.model) });
    const began = progress.began ?? ports.now().toISOString();
    const { left, sum, milliseconds, perChip, model, hasPieces } = await withBuffer((makeBuffer) =>
      classify(call, invocation, makeBuffer),
    );
    Object.assign(log, { parts: progress.left - left, left });
    if (left > 0) return { left, began, sum, milliseconds, perChip };
    const ended = ports.now();
    const total = Math.max(0, ended.getTime() - Date.parse(began)); // never negative: the clock may have been set back
    const row = shadowRow(shadow, { execution, began, ended });
    const times = { infer: milliseconds, total, ...(perChip !== undefined && { chip: perChip }) };
    const found = { ...inRow(sum, model), milliseconds: times };
    await ports.ledger.endShadow({ ...row, state: 'DONE', ...found, ...(hasPieces && { pieces: true }) });
    return { left };
  }

  async function classify({ shadow, progress }: OfRun, invocation: Invocation, makeBuffer: MakeBuffer) {
    const { run, model: ref, parts } = shadow;
    const started = performance.now();
    const leastSeconds = invocation.remainingSeconds() * (1 - TIME_TO_USE);
    const [inference, live] = await Promise.all([ports.classifier(ref), ports.models.load(run.model)]);
    const { model } = inference;
    const differs = preparedUnlike(live, model); // a version that was promoted meanwhile may prepare its chips differently
    if (differs.length > 0)
      throw new InvalidModelPackage(
        `${modelId(model)} cannot classify what was prepared for ${modelId(live)}: the two packages differ in: ${differs.join(', ')}.`,
      );
    const { summary } = model.task;
    const id = shadowRunId(run.scene, ref);
    const origin = { run: id, digest: run.digest, scene: run.scene.key };
    let sum: Summed = progress.sum === undefined ? summary.zero(model) : summary.schema.parse(progress.sum);
    const layers = model.task.layers?.(model) ?? [];
    const isOfClasses = layers.some(({ classes }) => classes !== undefined); // other maps are compared by chips
    let hasPieces = false;
    const time: WarmTime = { perChip: progress.perChip ?? null, clock: ports.clock };
    let { left } = progress;
    do {
      const number = parts - left;
      const part = decodePart(await ports.readResult(preparedKey(run.id, number), undefined, makeBuffer));
      const pieces = makePieces();
      hasPieces = isOfClasses && (part.window?.width[0] ?? 0) > 0;
      const take = (chip: number, area: Area, planes: readonly Plane[]) => {
        if (!hasPieces) return;
        const compared = planes.filter((_, i) => layers[i]!.map === 'predictions');
        pieces.add({ ...inMap(part, chip, area, model), planes: compared });
      };
      const decoded = await classifyPart(inference, part, async () => stopIfAsked(invocation), take, time);
      const predictions = placed(part, decoded, model, () => origin);
      if (hasPieces) await ports.writeResult(shadowPiecesKey(id, number), pieces.encode());
      const key = shadowPredictionsKey({ id, model: ref, day: run.day }, number);
      await ports.writeResult(key, encodeShadowPredictions(model, predictions));
      sum = summary.add(sum, summary.of(counted(predictions, model), model));
      left -= 1;
    } while (left > 0 && invocation.remainingSeconds() > leastSeconds);
    const milliseconds = Math.round((progress.milliseconds ?? 0) + performance.now() - started);
    return { left, sum, milliseconds, perChip: time.perChip ?? undefined, model, hasPieces };
  }
}
