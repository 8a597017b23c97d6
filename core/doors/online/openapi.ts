import * as z from 'zod';
import { RELEASE } from '../../base/release.ts';
import type { PredictionsBody } from './answer.ts';
import { IMAGE_TYPES } from './bodyInputs.ts';
import { TITLES } from './problem.ts';
import * as schemas from './schemas.ts';

const SCHEMAS = {
  PredictionRequest: schemas.requestBody,
  Predictions: schemas.predictionsBody,
  Truths: schemas.truthsBody,
  TruthsTaken: schemas.truthsTaken,
  Model: schemas.modelBody,
  Models: schemas.modelsBody,
  Problem: schemas.problemBody,
  Health: schemas.healthBody,
};

export type Example = { readonly request: unknown; readonly response: unknown };

export type OpenApiOptions = {
  needsKey: boolean;
  takesTruth: boolean;
  /** Of an existing model, so that it works as shown. */
  example: { readonly model: string } & Partial<Example>;
};

export function openApi({ needsKey, takesTruth, example }: OpenApiOptions) {
  const model = {
    name: 'model',
    in: 'path',
    required: true,
    description: 'The name of a published model.',
    schema: { type: 'string' },
    example: example.model,
  };
  const version = {
    name: 'version',
    in: 'query',
    required: false,
    schema: { type: 'string' },
    description: 'A published version; without it, the promoted one.',
  };
  const post = (
    operationId: string,
    summary: string,
    content: Record<string, { example?: unknown }>,
    taken: object,
  ) => {
    const responses = { ...taken, ...problems([400, 404, 413, 415, 422, 500, 503], needsKey) };
    const requestBody = { required: true, content };
    return { post: { operationId, summary, parameters: [model, version], requestBody, responses } };
  };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Swath',
      version: RELEASE,
      summary: 'Predictions by published models',
      description: `Each input is a chip of its own, with an error of its own. What is predicted for it is what is predicted for the same chip in a file.${takesTruth ? ' It counts like that, too: in the day, in the drift window and in the report.' : ''}`,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '.' }],
    security: needsKey ? [{ apiKey: [] }] : [],
    paths: {
      '/v1/models/{model}/predictions': post(
        'predict',
        'Predicts for the inputs that come with the request',
        {
          'application/json': {
            ...schemaOf('PredictionRequest'),
            ...(example.request !== undefined && { example: example.request }),
          },
          ...Object.fromEntries(IMAGE_TYPES.map((type) => [type, {}])),
        },
        { 200: jsonOf('A prediction or an error for each input', 'Predictions', example.response) },
      ),
      ...(takesTruth && {
        '/v1/models/{model}/truth': post(
          'tellTruth',
          'Says what is true of chips that the model has predicted',
          { 'application/json': { ...schemaOf('Truths'), example: truthExample(example) } },
          { 202: jsonOf('They are joined to what was predicted within minutes', 'TruthsTaken') },
        ),
      }),
      '/v1/models': {
        get: {
          operationId: 'listModels',
          summary: 'The live models',
          responses: { 200: jsonOf('The live models', 'Models'), ...problems([500], needsKey) },
        },
      },
      '/v1/models/{model}': {
        get: {
          operationId: 'getModel',
          summary: 'What a model takes and gives, its versions and its STAC Item',
          parameters: [model, version],
          responses: { 200: jsonOf('The model', 'Model'), ...problems([404, 500], needsKey) },
        },
      },
      '/healthz': {
        get: {
          operationId: 'health',
          summary: 'Runs the live model on a stored sample and compares with the stored answer',
          security: [],
          responses: { 200: jsonOf('It answers as it should', 'Health'), 503: jsonOf('It does not', 'Health') },
        },
      },
    },
    components: {
      schemas: Object.fromEntries(
        Object.entries(SCHEMAS).map(([name, schema]) => {
          const { $schema: _, ...described } = z.toJSONSchema(schema);
          return [name, described];
        }),
      ),
      ...(needsKey && { securitySchemes: { apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' } } }),
    },
  };
}

function truthExample({ response }: OpenApiOptions['example']) {
  const { request = 'a-request', predictions = [] } = Object(response) as Partial<PredictionsBody>;
  const { class: name, value, labels } = (predictions[0] ?? {}) as Partial<PredictionsBody['predictions'][number]>;
  return { truths: [{ request, index: 0, truth: name ?? value ?? labels ?? 1 }] };
}

const schemaOf = (name: keyof typeof SCHEMAS) => ({ schema: { $ref: `#/components/schemas/${name}` } });

function jsonOf(description: string, name: keyof typeof SCHEMAS, example?: unknown) {
  const content = { ...schemaOf(name), ...(example !== undefined && { example }) };
  return { description, content: { 'application/json': content } };
}

function problems(statuses: readonly (keyof typeof TITLES)[], needsKey: boolean) {
  const all = needsKey ? ([...statuses, 401, 403, 429] as const) : statuses;
  const content = { 'application/problem+json': schemaOf('Problem') };
  return Object.fromEntries(all.map((status) => [status, { description: TITLES[status], content }]));
}
