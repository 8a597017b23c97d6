import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleParameters } from '../../test/documents/exampleParameters.ts';
import { runbookOf } from './runbook.ts';

const textOf = async (stage: string) => JSON.stringify(await runbookOf({ ...exampleParameters, stage }));

test("the runbook's commands name no stage on a laptop", async () => {
  const text = await textOf('local');
  assert.match(text, /npx swath runs --state FAILED --since 1d +# the failed runs/);
  assert.doesNotMatch(text, /--stage/);
});

test("and in an account the console's own", async () => {
  const text = await textOf('prod');
  assert.match(text, /npx swath runs --stage prod --state FAILED --since 1d +# the failed runs/);
  assert.doesNotMatch(text, /--stage dev|swath-dev/);
});
