import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { openApi } from './openapi.ts';

/** What takes no parameters has nothing to refuse. */
const OFF = { 'operation-4xx-response': 'off' } as const;

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

test('the description names each status that an answer may have', () => {
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
