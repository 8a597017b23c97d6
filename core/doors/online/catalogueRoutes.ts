import { InvalidModelPackage, ObjectNotFound, onError } from '../../base/errors.ts';
import { EVERY_TASK } from '../requests/inputAnswer.ts';
import { type OnlineRoute, type PredictionsBody, versionIn } from './answer.ts';
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
