import type { Plane } from '../../../core/arrays/dataTypes.ts';
import { inOrder } from '../../../core/base/concurrency/inOrder.ts';
import { Interrupted, InvalidModelPackage } from '../../../core/base/errors.ts';
import { preparedKey, shadowPiecesKey, shadowPredictionsKey } from '../../../core/base/keys.ts';
import type { ShadowBatchRef, ShadowCall, ShadowProgress, ShadowRef } from '../../../core/base/messages.ts';
import { modelId, shadowRunId } from '../../../core/base/messages.ts';
import type { OpenScene, Results } from '../../../core/base/objectStore.ts';
import { type Invocation, isTransient, type LogFields, stopIfAsked, type Work } from '../../../core/base/step.ts';
import { shadowsOfBatch } from '../../../core/batches/shadowsOfBatch.ts';
import type { WarmTime } from '../../../core/inference/warmTime.ts';
import type { Ledger } from '../../../core/ledger/contract.ts';
import { doorOf } from '../../../core/ledger/doorOf.ts';
import { failed } from '../../../core/ledger/runs.ts';
import { SHADOW_STEP, shadowRow } from '../../../core/ledger/shadowRuns.ts';
import type { Area } from '../../../core/package/area.ts';
import { joined } from '../../../core/package/carry.ts';
import { preparedUnlike } from '../../../core/package/preparesAlike.ts';
import type { Summed } from '../../../core/package/task.ts';
import type { Settings } from '../../../core/parameters/settings.ts';
import { encodeShadowPredictions } from '../../../core/results/encodePredictions.ts';
import { encodePieces, type PackedPiece, packPiece } from '../../../core/results/maps/pieces.ts';
import { columnsOf, counted, nameOf, type Predictions, placed } from '../../../core/results/predictionColumns.ts';
import { decodePart } from '../../../core/scenes/preparedPart.ts';
import { makeMatchTruth } from '../../../core/tasks/classes.ts';
import { inRow } from '../../../core/tasks/registry.ts';
import { classifyPart, inMap, makeClassifyChips } from '../classifyPart.ts';
import { type InferencePorts, inferenceFor } from '../inferenceFor.ts';
import { makeKeptBuffer } from '../keptBuffer.ts';
import { makeReadScene, type ReadScene } from '../readScene.ts';

export type ShadowPorts = InferencePorts & {
  ledger: Pick<Ledger, 'endShadow' | 'rowsOf' | 'messageOwner'>;
  openScene: OpenScene;
  now: () => Date;
  clock?: () => number;
} & Pick<Results, 'readResult' | 'readPiece' | 'writeResult'> &
  Pick<Settings, 'resultsBucket' | 'chipsPerPart' | 'sceneLimits'>;

type OfRun = ShadowCall & { shadow: ShadowRef };

/** A call hands over to the next after this share of its time, to stay clear of the time-out, which an alarm watches. */
const TIME_TO_USE = 0.5;

/**
 * Classifies a run's prepared parts, as many as time allows and at least one, where the last call writes the shadow's row; or the
 * files of a batch, or predictions over HTTP. It writes only its own objects and rows, and a repeated call the same again.
 */
export function makeShadow(ports: ShadowPorts): Work<ShadowCall, ShadowProgress> {
  const lendBuffer = makeKeptBuffer();
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
    const { left, sum, milliseconds, perChip, model, hasPieces } = await classify(call, invocation);
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

  async function classify({ shadow, progress }: OfRun, invocation: Invocation) {
    using buffer = lendBuffer();
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
    const toOwn = makeMatchTruth(live, model); // the truth was read by the live version's values
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
      const part = decodePart(await ports.readResult(preparedKey(run.id, number), undefined, buffer.makeBuffer));
      part.truth = part.truth.map(toOwn).map((truth) => (Number.isNaN(truth) ? null : truth));
      const pieces: PackedPiece[] = [];
      hasPieces = isOfClasses && (part.window?.width[0] ?? 0) > 0;
      const take = (chip: number, area: Area, planes: readonly Plane[]) => {
        if (!hasPieces) return;
        const compared = planes.filter((_, i) => layers[i]!.map === 'predictions');
        pieces.push(packPiece({ ...inMap(part, chip, area, model), planes: compared }));
      };
      const decoded = await classifyPart(inference, part, async () => stopIfAsked(invocation), take, time);
      const predictions = placed(part, decoded, model, () => origin);
      if (hasPieces) await ports.writeResult(shadowPiecesKey(id, number), encodePieces(pieces));
      const key = shadowPredictionsKey({ id, model: ref, day: run.day }, number);
      await ports.writeResult(key, encodeShadowPredictions(model, predictions));
      sum = summary.add(sum, summary.of(counted(predictions, model), model));
      left -= 1;
    } while (left > 0 && invocation.remainingSeconds() > leastSeconds);
    const milliseconds = Math.round((progress.milliseconds ?? 0) + performance.now() - started);
    return { left, sum, milliseconds, perChip: time.perChip ?? undefined, model, hasPieces };
  }
}

const AT_ONCE = 16;

type Read = { shadow: ShadowRef } & ({ read: ReadScene } | { error: Error });
type Found = { shadow: ShadowRef } & ({ error: Error } | object);

/**
 * Classifies files again with a candidate version: those of a closed batch, because a batch keeps its chips only in memory, and
 * predictions over HTTP, which are stored beside the shadow's. There is one file of predictions for all of them. The shadow's row
 * of a file that can no longer be read has the error; the others are not affected.
 */
function makeShadowFiles(ports: ShadowPorts) {
  const { ledger, now } = ports;

  /** @param shadow a batch; or predictions over HTTP outside a batch, whose run had a second attempt, alone */
  return async (shadow: ShadowBatchRef | ShadowRef, execution: string, invocation: Invocation, log: LogFields) => {
    const ref = shadow.model;
    const of = 'batch' in shadow ? shadow.batch : { ...shadow.run, id: shadowRunId(shadow.run.scene, ref) };
    const batch = 'batch' in shadow ? shadow.batch.id : undefined;
    if (batch !== undefined) Object.assign(log, { batch, shadow: modelId(ref) });
    const began = now();
    const started = performance.now();
    const shadows = 'batch' in shadow ? await shadowsOfBatch(ports, shadow) : [{ ...shadow, parts: 1 }];
    const scenes = shadows.map(({ run }) => run.scene);
    const inference = await inferenceFor(ports, ref, scenes);
    const { model } = inference;
    const between = async () => stopIfAsked(invocation);
    const { take, finish } = makeClassifyChips(inference, ports.chipsPerPart, between);
    const readScene = makeReadScene(ports.openScene, model, ports, ownMessages, of.model);
    const contentOf = ({ run: { scene, digest } }: ShadowRef) => ({ run: shadowRunId(scene, ref), digest });

    async function readOne(shadow: ShadowRef): Promise<Read> {
      try {
        return { shadow, read: await readScene(shadow.run.scene) };
      } catch (error) {
        if (!(error instanceof Error) || error instanceof Interrupted || isTransient(error)) throw error;
        return { shadow, error };
      }
    }

    const found: Found[] = [];
    let chips = 0;
    for await (const one of inOrder(shadows, AT_ONCE, readOne)) {
      await between();
      if ('error' in one) {
        found.push(one);
        continue;
      }
      const { shadow, read } = one;
      await take(read.seen, { ...contentOf(shadow), scene: shadow.run.scene.key });
      chips += read.seen.length;
      // Of answers over HTTP, the shadow has predicted those in its share, and none from before it began.
      const { chips: seen, blank } = read.measured;
      if (doorOf(shadow.run.scene) !== 'http') found.push({ shadow });
      else if (seen > 0) found.push({ shadow: { ...shadow, chips: seen, blank } });
    }
    const predictions = await finish();
    const none = joined(columnsOf(model), []) as Predictions;
    const all = [...predictions.values()];
    if (all.length > 0) {
      const key = shadowPredictionsKey({ id: of.id, model: ref, day: of.day }, 0);
      await ports.writeResult(key, encodeShadowPredictions(model, joined(columnsOf(model), all)));
    }
    const perChip = (performance.now() - started) / Math.max(1, chips);
    const endOne = async (one: Found): Promise<void> => {
      const ended = now();
      const about = shadowRow(one.shadow, { execution, began, ended, batch });
      if ('error' in one) {
        const { name, message } = one.error;
        const failure = failed(about, { name, message, step: SHADOW_STEP }, ended);
        await ledger.endShadow({ ...about, state: 'FAILED', ...failure });
        return;
      }
      const own = predictions.get(nameOf(contentOf(one.shadow))) ?? none;
      const numbers = inRow(model.task.summary.of(counted(own, model), model), model);
      // A file with only blank chips, or whose chips all belong to other runs, has a row without a file of predictions.
      const parts = all.length > 0 ? 1 : 0;
      const milliseconds = { infer: Math.round(perChip * own.chip_id.length) };
      await ledger.endShadow({ ...about, parts, state: 'DONE', ...numbers, milliseconds });
    };
    await Array.fromAsync(inOrder(found, AT_ONCE, endOne));
    Object.assign(log, { files: found.length, chips });
  };

  /** The messages that the shadowed run counts: its file can also contain messages that count elsewhere. */
  async function ownMessages(ids: readonly string[], run: string): Promise<Set<string>> {
    const look = async (id: string) => ((await ledger.messageOwner(id)) === run ? [id] : []);
    return new Set((await Array.fromAsync(inOrder(new Set(ids), AT_ONCE, look))).flat());
  }
}
