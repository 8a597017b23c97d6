import { inOrder } from '../../../core/base/concurrency/inOrder.ts';
import { Interrupted } from '../../../core/base/errors.ts';
import { shadowPredictionsKey } from '../../../core/base/keys.ts';
import type { LogFields } from '../../../core/base/log.ts';
import type { ShadowBatchRef, ShadowRef } from '../../../core/base/messages.ts';
import type { OpenScene, Results } from '../../../core/base/objectStore.ts';
import { modelId, shadowRunId } from '../../../core/base/run.ts';
import { type Invocation, isTransient, stopIfAsked } from '../../../core/base/step.ts';
import { shadowsOfBatch } from '../../../core/batches/shadowsOfBatch.ts';
import type { Ledger } from '../../../core/ledger/contract.ts';
import { doorOf } from '../../../core/ledger/doorOf.ts';
import { failed } from '../../../core/ledger/runs.ts';
import { SHADOW_STEP, shadowRow } from '../../../core/ledger/shadowRuns.ts';
import { joined } from '../../../core/package/column.ts';
import type { Settings } from '../../../core/parameters/settings.ts';
import { encodeShadowPredictions } from '../../../core/results/encodePredictions.ts';
import { columnsOf, counted, nameOf, type Predictions } from '../../../core/results/predictionColumns.ts';
import { inRow } from '../../../core/tasks/stored.ts';
import { makeClassifyChips } from '../classifyPart.ts';
import { type InferencePorts, inferenceFor } from '../inferenceFor.ts';
import { makeReadScene, type ReadScene } from '../readScene.ts';

export type ShadowBatchPorts = InferencePorts & {
  ledger: Pick<Ledger, 'endShadow' | 'rowsOf' | 'messageOwner'>;
  openScene: OpenScene;
  now: () => Date;
} & Pick<Results, 'readPiece' | 'writeResult'> &
  Pick<Settings, 'resultsBucket' | 'chipsPerPart' | 'sceneLimits'>;

const AT_ONCE = 16;

type Read = { shadow: ShadowRef } & ({ read: ReadScene } | { error: Error });
type Found = { shadow: ShadowRef } & ({ error: Error } | object);

/**
 * Classifies files again with a candidate version: those of a closed batch, because a batch keeps its chips only in memory, and
 * predictions over HTTP, which are stored beside the shadow's. There is one file of predictions for all of them. The shadow's row
 * of a file that can no longer be read has the error; the others are not affected.
 */
export function makeShadowFiles(ports: ShadowBatchPorts) {
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
    const { summary } = model.task;
    const endOne = async (one: Found): Promise<void> => {
      const ended = now();
      const { shadow } = one;
      const about = shadowRow(shadow, { execution, began, ended, batch });
      if ('error' in one) {
        const { name, message } = one.error;
        const failure = failed(about, { name, message, step: SHADOW_STEP }, ended);
        await ledger.endShadow({ ...about, state: 'FAILED', ...failure });
        return;
      }
      const own = predictions.get(nameOf(contentOf(shadow))) ?? none;
      const numbers = inRow(summary.of(counted(own, model), model), model);
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
