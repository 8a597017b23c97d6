import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleParameters } from '../../test/documents/exampleParameters.ts';
import { runbookOf } from './runbook.ts';

const textOf = async (stage: string, dataDir?: string) =>
  JSON.stringify(await runbookOf({ ...exampleParameters, stage, ...(dataDir !== undefined && { dataDir }) }));

test("the runbook's commands name no stage on a laptop", async () => {
  const text = await textOf('local');
  assert.match(text, /npx swath runs --state FAILED --since 1d +# the failed runs/);
  assert.doesNotMatch(text, /--stage/);
});

test("and a laptop's data folder, unless it is the usual one", async () => {
  const text = await textOf('local', '.s2');
  assert.match(text, /\(npx swath runs --state FAILED --data-dir \.s2\)/);
  assert.match(text, /npx swath runs --data-dir \.s2 --state FAILED --since 1d +# the failed runs/);
});

test("and in an account the console's own", async () => {
  const text = await textOf('prod');
  assert.match(text, /npx swath runs --stage prod --state FAILED --since 1d +# the failed runs/);
  assert.doesNotMatch(text, /--stage dev|swath-dev/);
});
