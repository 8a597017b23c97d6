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
