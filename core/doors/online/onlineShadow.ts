import { hash } from 'node:crypto';
import { inTime } from '../../base/concurrency/inTime.ts';
import { keptFor } from '../../base/concurrency/keptFor.ts';
import { withoutCitations } from '../../base/errors.ts';
import { type ModelRef, modelId } from '../../base/messages.ts';
import type { ModelPackage } from '../../package/package.ts';
import { preparedUnlike } from '../../package/preparesAlike.ts';
import type { Models } from '../../releases/contract.ts';
import { isInShare } from '../../releases/shadow.ts';
import type { Counted } from './counter.ts';
import { type BesideAnswer, type Given, type GivenAnswer, rowOfPrediction } from './given.ts';
import { makeHeld } from './held.ts';
import { TooBusy } from './http.ts';
import { KEPT_MILLISECONDS } from './onlineModels.ts';
import type { Predictor } from './predictor.ts';

/** Whether the shadow has seen a request of its share; `error` says why not, and is null if there was no time. */
export type ShadowedAnswer = Counted & { readonly isSeen: boolean };

export type OnlineShadowPorts = {
  models: Pick<Models, 'load' | 'promotion' | 'shadow'>;
  /** On engines of its own, which only run while no others do. */
  predictor: (model: ModelRef) => Promise<Pick<Predictor, 'predictChips'>>;
  /** How long a request waits for its shadow; its predictions are counted after that. */
  seconds: number;
  maxWaitingBytes: number;
  onShadowed: (shadowed: ShadowedAnswer) => void;
};

/** Has a shadow predict what its live version has answered. Whatever fails, the request then has no shadow. */
export function makeOnlineShadow(ports: OnlineShadowPorts) {
  const { models, predictor, seconds, maxWaitingBytes, onShadowed } = ports;
  const promotionOf = keptFor(KEPT_MILLISECONDS, models.promotion);
  const shadowOf = keptFor(KEPT_MILLISECONDS, models.shadow);
  const held = makeHeld(maxWaitingBytes, 'chips');

  return async ({ request, model: live, given }: GivenAnswer): Promise<BesideAnswer | null> => {
    const seen = given.filter(({ prediction }) => prediction !== null);
    let model: ModelRef = { name: live.name, version: '-' };
    try {
      const shadow = await shadowOf(live.name);
      if (shadow === null || seen.length === 0 || !isInShare(hash('sha256', request), shadow.share)) return null;
      model = { name: live.name, version: shadow.version };
      const promoted = await promotionOf(live.name);
      if (promoted?.version !== live.version || shadow.version === live.version) return null;
      const rows = await inTime(predict(live, model, seen), seconds, () =>
        Promise.reject(new TooBusy(`It took longer than ${seconds} s.`)),
      );
      onShadowed({ model, inputs: seen.length, isSeen: true, error: null });
      const ofGiven = new Map(seen.map((one, i) => [one, rows.values[i]!]));
      return { version: model.version, ...rows, values: given.map((one) => ofGiven.get(one) ?? null) };
    } catch (thrown) {
      const why = withoutCitations(thrown instanceof Error ? thrown.message : String(thrown));
      const what = `The shadow of ${modelId(live)} sees no requests over HTTP: ${why}`;
      const error = thrown instanceof TooBusy ? null : new Error(what);
      onShadowed({ model, inputs: seen.length, isSeen: false, error });
      return null;
    }
  };

  async function predict(live: ModelPackage, ref: ModelRef, seen: readonly Given[]) {
    const chips = seen.map(({ chip }) => chip);
    const bytes = chips.flatMap(({ planes }) => planes).reduce((sum, { byteLength }) => sum + byteLength, 0);
    using own = held();
    own.hold(bytes);
    const model = await models.load(ref);
    const differs = preparedUnlike(live, model); // a shadow gets the chips as prepared for the live version
    if (differs.length > 0)
      throw new Error(`its package and that of ${live.version}, which is live, differ in: ${differs.join(', ')}.`);
    const { predictChips } = await predictor(ref);
    const columns = model.task.columns(model).map(({ name }) => name);
    const values = (await predictChips(chips, seconds)).map((outcome) => {
      if ('error' in outcome) throw new Error(`the model failed on an input: ${outcome.error.message}`);
      return rowOfPrediction(outcome, columns);
    });
    return { columns, values };
  }
}
