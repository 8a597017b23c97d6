import { InvalidModelPackage, ObjectNotFound } from '../../base/errors.ts';
import { type OnlineRoute, type PredictionsBody, versionIn } from './answer.ts';
import { DOCS_PAGE } from './docsPage.ts';
import { EVERY_TASK } from './everyTask.ts';
import { jsonResponse } from './http.ts';
import type { OnlineModels } from './onlineModels.ts';
import { type OpenApiOptions, openApi } from './openapi.ts';

/** Makes the routes that list models and describe how to call them. */
export function catalogueRoutes(
  models: Pick<OnlineModels, 'find' | 'live' | 'describe' | 'sampleOf'>,
  options: Pick<OpenApiOptions, 'needsKey' | 'takesTruth'>,
): OnlineRoute[] {
  return [
    { method: 'GET', path: '/docs', reply: () => DOCS_PAGE },
    {
      method: 'GET',
      path: '/openapi.json',
      async reply() {
        return jsonResponse(openApi({ ...options, example: await exampleOf(models) }));
      },
    },
    {
      method: 'GET',
      path: '/v1/models',
      async reply() {
        const described = await Promise.all((await models.live()).map(models.describe).map(orBroken));
        const [first] = described;
        if (first instanceof Error && described.every((one) => one instanceof Error)) throw first;
        return jsonResponse({
          models: described.flatMap((one) => {
            if (one instanceof Error) return [];
            const { item: _, ...about } = one;
            return [about];
          }),
        });
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
}

/** Returns an unreadable package's error as a value: the other models are still listed, and a request for that model gets the error. */
async function orBroken<Described>(describing: Promise<Described>): Promise<Described | Error> {
  try {
    return await describing;
  } catch (error) {
    if (error instanceof InvalidModelPackage || error instanceof ObjectNotFound) return error;
    throw error;
  }
}

/** Returns an example from the sample in the first live model's package, which works as shown. */
async function exampleOf(models: Pick<OnlineModels, 'live' | 'sampleOf'>): Promise<OpenApiOptions['example']> {
  const [first] = await models.live();
  if (first === undefined) return { model: 'my-model' };
  const sample = await models.sampleOf(first).catch(() => null); // /healthz reports what is wrong with it
  if (sample === null) return { model: first.name };
  const prediction = { id: null, ...EVERY_TASK, ...sample.prediction, warnings: [], error: null };
  const response: PredictionsBody = {
    ...EXAMPLE_ID,
    model: first.name,
    version: first.version,
    predictions: [prediction],
  };
  return { model: first.name, request: { inputs: [sample.input] }, response };
}

const EXAMPLE_ID = { request: '0e4d8bbd-5d3f-4f0a-9a3b-0c5a0c6b8f4e' };
