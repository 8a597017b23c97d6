import { doorOf } from '../../core/doors/doorOf.ts';
import type { ModelRef } from '../../core/messages.ts';
import type { Models } from '../../core/models/models.ts';
import type { Session } from '../../core/runtimes/runtime.ts';

export type SessionPorts = {
  models: Pick<Models, 'load'>;
  /** The classifier of a model version, made once per container. */
  classifier: (model: ModelRef) => Promise<Session>;
};

/** Opens a model version for scenes. Predictions that were answered already need its package, but neither its file nor a session. */
export async function sessionFor(
  { models, classifier }: SessionPorts,
  ref: ModelRef,
  scenes: readonly { readonly key: string }[],
): Promise<Session> {
  if (scenes.some((scene) => doorOf(scene) !== 'http')) return classifier(ref);
  const run = () =>
    Promise.reject(new Error(`Answered predictions of ${ref.name} ${ref.version} are never made again.`));
  return { model: await models.load(ref), batchSize: 1, run };
}
