import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { openApi } from './openapi.ts';

/** What takes no parameters has nothing to refuse. */
const OFF = { 'operation-4xx-response': 'off' } as const;

/** With the parameters and responses that operations share in their places. */
const withoutReferences = ({ paths, components }: ReturnType<typeof openApi>): { paths: typeof paths } =>
  JSON.parse(JSON.stringify({ paths }), (_, value) => {
    const [, kind, name] = /^#\/components\/(parameters|responses)\/(\w+)$/.exec(value?.$ref) ?? [];
    return kind === undefined ? value : Object(components)[kind][name!];
  });

for (const { what, options } of [
  { what: 'with a key', options: { needsKey: true, takesTruth: true, example: { model: 'digits' } } },
  {
    what: 'with an example',
    options: {
      needsKey: false,
      takesTruth: true,
      example: {
        model: 'digits',
        request: { inputs: [{ values: [[1]] }] },
        response: { request: 'r', model: 'digits', version: '1.0.0', predictions: [] },
      },
    },
  },
])
  test(`the description is OpenAPI 3.1 by Redocly's own schema and its recommended rules: ${what}`, async () => {
    const config = await createConfig({ extends: ['recommended'], rules: OFF });
    const problems = await lintFromString({ source: JSON.stringify(openApi(options)), config });
    assert.deepEqual(
      problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} (${location[0]?.pointer})`),
      [],
    );
  });

test('the description lists each status that a response may have', () => {
  const { paths } = openApi({ needsKey: true, takesTruth: true, example: { model: 'digits' } });
  const named = Object.entries(paths).flatMap(([path, operations]) =>
    Object.values(operations as object).map(({ responses }) => [path, Object.keys(responses).join(' ')]),
  );
  assert.deepEqual(named, [
    ['/v1/models/{model}/predictions', '200 400 401 403 404 413 415 422 429 500 503'],
    ['/v1/models/{model}/truth', '202 400 401 403 404 413 415 422 429 500 503'],
    ['/v1/models', '200 401 403 429 500'],
    ['/v1/models/{model}', '200 401 403 404 429 500'],
    ['/healthz', '200 503'],
  ]);
});

test('the description says what each operation takes and gives', () => {
  const { paths } = withoutReferences(openApi({ needsKey: true, takesTruth: true, example: { model: 'digits' } }));
  type Content = Record<string, { schema?: { $ref: string } }>;
  type Operation = {
    operationId: string;
    parameters?: { name: string; in: string; required: boolean; schema: { type: string }; example?: string }[];
    requestBody?: { required: boolean; content: Content };
    responses: Record<string, { content: Content }>;
  };
  const typesIn = (content: Content = {}) =>
    Object.entries(content).map(([type, { schema }]) => `${type} ${schema?.$ref.split('/').at(-1) ?? ''}`.trim());
  const found = Object.values(paths).flatMap((operations) =>
    (Object.values(operations) as Operation[]).map(({ operationId, parameters = [], requestBody, responses }) => [
      operationId,
      parameters.map((one) => [one.name, one.in, one.required, one.schema.type, one.example]),
      [requestBody?.required, ...typesIn(requestBody?.content)],
      [...new Set(Object.values(responses).flatMap(({ content }) => typesIn(content)))].sort(),
    ]),
  );
  const parameters = [
    ['model', 'path', true, 'string', 'digits'],
    ['version', 'query', false, 'string', undefined],
  ];
  const images = ['png', 'jpeg', 'webp', 'tiff', 'jp2'].map((type) => `image/${type}`);
  const answers = (name: string) => [`application/json ${name}`, 'application/problem+json Problem'];
  assert.deepEqual(found, [
    [
      'predict',
      parameters,
      [true, 'application/json PredictionRequest', ...images, 'application/octet-stream'],
      answers('Predictions'),
    ],
    ['tellTruth', parameters, [true, 'application/json Truths'], answers('TruthsTaken')],
    ['listModels', [], [undefined], answers('Models')],
    ['getModel', parameters, [undefined], answers('Model')],
    ['health', [], [undefined], ['application/json Health']],
  ]);
});

test('the description asks for a key where one is needed, and tells of truths where they are taken', () => {
  const example = { model: 'digits' };
  const [open, closed] = [false, true].map((on) => openApi({ needsKey: on, takesTruth: on, example }));
  assert.deepEqual([open!.security, closed!.security], [[], [{ apiKey: [] }]]);
  assert.equal('securitySchemes' in open!.components, false);
  assert.deepEqual(closed!.components.securitySchemes, { apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' } });
  assert.deepEqual(closed!.paths['/healthz'].get.security, []);
  assert.equal('/v1/models/{model}/truth' in open!.paths, false);
  assert.deepEqual(
    [open!, closed!].map(({ info }) => info.description.includes('It counts like that')),
    [false, true],
  );
});

for (const [prediction, truth] of [
  [{ class: 'a' }, 'a'],
  [{ class: null, value: 0 }, 0],
  [{ class: null, value: null, labels: ['a', 'b'] }, ['a', 'b']],
  [undefined, 1],
] as const)
  test(`the description has a truth as an example, which is what was predicted: ${JSON.stringify(truth)}`, () => {
    const request = { inputs: [{ values: [[1]] }] };
    const response = { request: 'r', predictions: prediction ? [prediction] : [] };
    const { paths } = openApi({ needsKey: false, takesTruth: true, example: { model: 'digits', request, response } });
    const exampleIn = (content: object) => Object(content)['application/json'].example;
    assert.deepEqual(exampleIn(paths['/v1/models/{model}/truth'].post.requestBody.content), {
      truths: [{ request: 'r', index: 0, truth }],
    });
    const { requestBody, responses } = paths['/v1/models/{model}/predictions'].post;
    assert.deepEqual(exampleIn(requestBody.content), request);
    assert.deepEqual(exampleIn(responses[200].content), response);
  });
