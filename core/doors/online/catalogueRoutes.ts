import { inTime } from '../../base/concurrency/inTime.ts';
import { InvalidModelPackage, ObjectNotFound, onError } from '../../base/errors.ts';
import type { ModelRef } from '../../base/messages.ts';
import { compareSample } from '../../package/compareSample.ts';
import { EVERY_TASK } from '../requests/inputAnswer.ts';
import { chipOfSample } from '../requests/sample.ts';
import { type OnlineRoute, type PredictionPorts, type PredictionsBody, versionIn } from './answer.ts';
import { jsonResponse } from './http.ts';
import type { OnlineModels } from './onlineModels.ts';
import { type OpenApiOptions, openApi } from './openapi.ts';

export const catalogueRoutes = (
  models: Pick<OnlineModels, 'find' | 'live' | 'describe' | 'sampleOf'>,
  options: Pick<OpenApiOptions, 'needsKey' | 'takesTruth'>,
): OnlineRoute[] => [
  {
    method: 'GET',
    path: '/openapi.json',
    reply: async () => jsonResponse(openApi({ ...options, example: await exampleOf(models) })),
  },
  {
    method: 'GET',
    path: '/v1/models',
    async reply() {
      const described = await Promise.all((await models.live()).map(models.describe).map(orBroken));
      const whole = described.flatMap((one) => (one instanceof Error ? [] : [one]));
      if (whole.length === 0 && described[0] instanceof Error) throw described[0];
      return jsonResponse({ models: whole.map(({ item: _, ...about }) => about) });
    },
  },
  {
    method: 'GET',
    path: '/v1/models/{model}',
    async reply({ request, parts: [name = ''], about }) {
      about.model = await models.find(name, versionIn(request));
      return jsonResponse(await models.describe(about.model));
    },
  },
];

/** Returns an unreadable package's error as a value: the other models are still listed, and a request for that model gets the error. */
const orBroken = <Described>(describing: Promise<Described>): Promise<Described | Error> =>
  describing.catch(onError([InvalidModelPackage, ObjectNotFound], (error) => error));

/** Returns an example from the sample in the first live model's package, which works as shown. */
async function exampleOf(models: Pick<OnlineModels, 'live' | 'sampleOf'>): Promise<OpenApiOptions['example']> {
  const [first] = await models.live();
  if (first === undefined) return { model: 'my-model' };
  const sample = await models.sampleOf(first).catch(() => null); // /healthz reports what is wrong with it
  if (sample === null) return { model: first.name };
  const prediction = { id: null, ...EVERY_TASK, ...sample.prediction, warnings: [], error: null };
  const request = '0e4d8bbd-5d3f-4f0a-9a3b-0c5a0c6b8f4e';
  const { name: model, version } = first;
  const response: PredictionsBody = { request, model, version, predictions: [prediction] };
  return { model, request: { inputs: [sample.input] }, response };
}

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
