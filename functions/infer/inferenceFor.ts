import type { ModelRef } from '../../core/base/messages.ts';
import { decoding, type Inference } from '../../core/inference/predict.ts';
import { doorOf } from '../../core/ledger/doorOf.ts';
import type { Models } from '../../core/releases/contract.ts';

export type InferencePorts = {
  models: Pick<Models, 'load'>;
  /** The classifier of a model version, made once per container. */
  classifier: (model: ModelRef) => Promise<Inference>;
};

/** Opens a model version for scenes. Predictions that were answered already need its package, but neither its file nor a runtime. */
export async function inferenceFor(
  { models, classifier }: InferencePorts,
  ref: ModelRef,
  scenes: readonly { readonly key: string }[],
): Promise<Inference> {
  if (scenes.some((scene) => doorOf(scene) !== 'http')) return classifier(ref);
  const scores = () =>
    Promise.reject(new Error(`Answered predictions of ${ref.name} ${ref.version} are never made again.`));
  return decoding(await models.load(ref), scores, 1);
}
