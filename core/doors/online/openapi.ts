import * as z from 'zod';
import { mapped } from '../../base/mapped.ts';
import { RELEASE } from '../../base/release.ts';
import type { PredictionsBody } from './answer.ts';
import { IMAGE_TYPES } from './bodyInputs.ts';
import { TITLES } from './http.ts';
import written from './openapi.json' with { type: 'json' };
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
const PROBLEMS = [400, 401, 403, 404, 413, 415, 422, 429, 500, 503] as const;
const OF_KEYS = ['401', '403', '429', 'securitySchemes'];
const TRUTH = '/v1/models/{model}/truth';

export type Example = { readonly request: unknown; readonly response: unknown };

export type OpenApiOptions = {
  needsKey: boolean;
  takesTruth: boolean;
  /** Of an existing model, so that it works as shown. */
  example: { readonly model: string } & Partial<Example>;
};

/** What openapi.json has, with the schemas and problems of the code, and with an example. */
export function openApi({ needsKey, takesTruth, example }: OpenApiOptions) {
  const without = [...(needsKey ? [] : OF_KEYS), ...(takesTruth ? [] : [TRUTH])];
  const { info, paths, components, ...rest }: typeof written = JSON.parse(JSON.stringify(written), (key, value) =>
    without.includes(key) ? undefined : value,
  );
  const { requestBody, responses } = paths['/v1/models/{model}/predictions'].post;
  Object.assign(requestBody.content, Object.fromEntries(IMAGE_TYPES.map((type) => [type, {}])));
  Object.assign(requestBody.content['application/json'], { example: example.request });
  Object.assign(responses[200].content['application/json'], { example: example.response });
  Object.assign(components.parameters.model, { example: example.model });
  if (takesTruth) {
    info.description += ' It counts like that, too: in the day, in the drift window and in the report.';
    Object.assign(paths[TRUTH].post.requestBody.content['application/json'], { example: truthExample(example) });
  }
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  const problems = PROBLEMS.filter((status) => !without.includes(`${status}`)).map((status) => [
    status,
    { description: TITLES[status], content },
  ]);
  const described = mapped(SCHEMAS, (schema) => {
    const { $schema: _, ...json } = z.toJSONSchema(schema);
    return json;
  });
  return {
    ...rest,
    info: { ...info, version: RELEASE },
    security: needsKey ? rest.security : [],
    paths,
    components: { ...components, responses: Object.fromEntries(problems), schemas: described },
  };
}

function truthExample({ response }: OpenApiOptions['example']) {
  const { request = 'a-request', predictions = [] } = Object(response) as Partial<PredictionsBody>;
  const { class: name, value, labels } = (predictions[0] ?? {}) as Partial<PredictionsBody['predictions'][number]>;
  return { truths: [{ request, index: 0, truth: name ?? value ?? labels ?? 1 }] };
}
