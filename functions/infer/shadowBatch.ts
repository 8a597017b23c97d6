import { type ShadowedRow, shadowedRows } from '../../core/batches/shadowedRows.ts';
import { Interrupted } from '../../core/errors.ts';
import { inOrder } from '../../core/inOrder.ts';
import { shadowPredictionsKey } from '../../core/keys.ts';
import { failed, type Ledger } from '../../core/ledger/ledger.ts';
import { SHADOW_STEP, shadowRefOf, shadowRow } from '../../core/ledger/shadowRow.ts';
import type { SceneLimits } from '../../core/limits.ts';
import type { LogFields } from '../../core/log.ts';
import type { ModelRef, ShadowBatchRef } from '../../core/messages.ts';
import type { OpenScene, ReadPiece, WriteObject } from '../../core/objectStore.ts';
import { joined } from '../../core/predictions/column.ts';
import { nameOf } from '../../core/predictions/contents.ts';
import { encodePredictions } from '../../core/predictions/encodePredictions.ts';
import { columnsOf, type Predictions } from '../../core/predictions/predictionColumns.ts';
import { modelId, shadowRunId } from '../../core/run.ts';
import type { Session } from '../../core/runtimes/runtime.ts';
import type { Chip } from '../../core/scenes/chip.ts';
import { type Invocation, isTransient, stopIfAsked } from '../../core/step.ts';
import { taskOf } from '../../core/tasks/registry.ts';
import { inRow } from '../../core/tasks/stored.ts';
import { makeClassifyChips } from './classifyChips.ts';
import { makeReadScene } from './readScene.ts';

export type ShadowBatchPorts = {
  ledger: Pick<Ledger, 'endShadow' | 'rowsOf'>;
  readPiece: ReadPiece;
  openScene: OpenScene;
  writeResult: WriteObject;
  classifier: (model: ModelRef) => Promise<Session>;
  now: () => Date;
  chipsPerPart: number;
  sceneLimits: SceneLimits;
};

const AT_ONCE = 16;

type Read = { row: ShadowedRow } & ({ seen: Chip[] } | { error: Error });

/**
 * Has a candidate version classify the files of a batch that is closed. No prepared parts are there, as a batch keeps its chips in
 * memory alone, so the small files are read once more; of all of them there is one file of predictions. A file that cannot be read
 * any more has that in its shadow's row, and the others have theirs.
 */
export function makeShadowBatch(ports: ShadowBatchPorts) {
  const { ledger, now } = ports;

  return async (shadow: ShadowBatchRef, execution: string, invocation: Invocation, log: LogFields): Promise<void> => {
    const { batch, model: ref } = shadow;
    const began = now();
    const started = performance.now();
    Object.assign(log, { batch: batch.id, shadow: modelId(ref) });
    const [session, rows] = await Promise.all([ports.classifier(ref), shadowedRows(ports, shadow)]);
    const { model } = session;
    const between = async () => stopIfAsked(invocation);
    const { take, finish } = makeClassifyChips(session, ports.chipsPerPart, between);
    const readScene = makeReadScene(ports.openScene, model, ports.sceneLimits, async (ids) => new Set(ids));
    const contentOf = ({ scene, digest }: ShadowedRow) => ({ run: shadowRunId(scene, ref), digest });

    async function readOne(row: ShadowedRow): Promise<Read> {
      try {
        const { seen } = await readScene(row.scene);
        return { row, seen };
      } catch (error) {
        if (!(error instanceof Error) || error instanceof Interrupted || isTransient(error)) throw error;
        return { row, error };
      }
    }

    const found: ({ row: ShadowedRow } & ({ error: Error } | object))[] = [];
    let chips = 0;
    for await (const one of inOrder(rows, AT_ONCE, readOne)) {
      await between();
      if ('seen' in one) await take(one.seen, { ...contentOf(one.row), scene: one.row.scene.key });
      chips += 'seen' in one ? one.seen.length : 0;
      found.push('error' in one ? one : { row: one.row });
    }
    const predictions = await finish();
    const none = joined(columnsOf(model), []) as Predictions;
    const all = [...predictions.values()];
    if (all.length > 0) {
      const key = shadowPredictionsKey({ id: batch.id, model: ref, day: batch.day }, 0);
      await ports.writeResult(key, encodePredictions(model, joined(columnsOf(model), all)));
    }
    const perChip = (performance.now() - started) / Math.max(1, chips);
    const { summary } = taskOf(model);
    const endOne = async (one: (typeof found)[number]): Promise<void> => {
      const ended = now();
      const { row } = one;
      const about = { ...shadowRow(shadowRefOf(row, ref), { execution, began, ended }), batch: batch.id };
      if ('error' in one) {
        const { name, message } = one.error;
        const failure = failed(about, { name, message, step: SHADOW_STEP }, ended);
        await ledger.endShadow({ ...about, state: 'FAILED', ...failure });
        return;
      }
      const own = predictions.get(nameOf(contentOf(row))) ?? none;
      const milliseconds = { infer: Math.round(perChip * own.chip_id.length) };
      await ledger.endShadow({ ...about, state: 'DONE', ...inRow(summary.of(own, model), model), milliseconds });
    };
    for await (const _ of inOrder(found, AT_ONCE, endOne));
    Object.assign(log, { files: found.length, chips });
  };
}
