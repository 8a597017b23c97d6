import { inTime } from '../../base/concurrency/inTime.ts';
import type { ModelRef } from '../../base/messages.ts';
import { compareSample } from '../../package/compareSample.ts';
import { chipOfSample } from '../requests/sample.ts';
import type { OnlineRoute, PredictionPorts } from './answer.ts';
import { jsonResponse } from './http.ts';
import type { OnlineModels } from './onlineModels.ts';

type Health = { status: 'pass' | 'fail'; model: ModelRef | null; output: string | null };

type HealthPorts = Pick<PredictionPorts, 'predictor' | 'seconds'> & { models: Pick<OnlineModels, 'live' | 'sampleOf'> };

/** How long an answer waits for a check where an earlier one can be told: whoever asks has a limit of a second or so. */
const PATIENCE_SECONDS = 0.02;

/**
 * Checks that the first live model gives the expected prediction for its package's sample. While a check takes long, because inputs of
 * others wait for the model, the answer is that of the last one; one that is not done within `seconds` has failed.
 */
export function healthRoute(ports: HealthPorts): OnlineRoute & { canAnswer: () => Promise<boolean> } {
  let checking: Promise<Health> | undefined;
  let last: Health | undefined;

  async function check(): Promise<Health> {
    const [model = null] = await ports.models.live();
    const output = model === null ? 'No model is live.' : await whatIsWrong(ports, model);
    last = { status: output === null ? 'pass' : 'fail', model, output };
    return last;
  }

  /** Whether a live model gives the expected prediction, or just loads if its package has none. */
  async function canAnswer(): Promise<boolean> {
    if ((await check()).status === 'pass') return true;
    const [, ...others] = await ports.models.live();
    return (await Promise.all(others.map((ref) => whatIsWrong(ports, ref)))).includes(null);
  }

  return {
    canAnswer,
    method: 'GET',
    path: '/healthz',
    async reply() {
      checking ??= check()
        .catch((error: unknown) => {
          last = undefined; // or it would be told as long as nobody can say what is live
          throw error;
        })
        .finally(() => {
          checking = undefined;
        });
      const known = last;
      const health = await (known === undefined ? checking : inTime(checking, PATIENCE_SECONDS, () => known));
      return jsonResponse(health, health.output === null ? 200 : 503);
    },
  };
}

async function whatIsWrong({ predictor, models, seconds }: HealthPorts, ref: ModelRef): Promise<string | null> {
  try {
    const { model, predictChips } = await predictor(ref);
    const sample = await models.sampleOf(ref);
    if (sample === null) return null; // without a sample, all that is known is that the model loads
    const outcome = (await predictChips([await chipOfSample(sample.input, model)], seconds))[0]!;
    if ('error' in outcome) return `The model failed on the sample: ${outcome.error.message}`;
    return compareSample(model.task.answer(outcome.values, outcome.at, model), sample.prediction);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
