import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { startStack } from '../local/stack.ts';
import { jsonLines, temporaryFolder } from '../test/swath.ts';
import { swathHere } from '../test/swathHere.ts';

const DAY_MILLISECONDS = 86_400_000;

test('swath sweep takes up what has attempts left, however long ago it failed', async () => {
  const cwd = temporaryFolder();
  await swathHere(['classify', join(import.meta.dirname, '../samples/droughtwatch/part-r-00012')], cwd); // a model is promoted now
  const stack = await startStack({ dataDir: join(cwd, '.swath'), command: 'a test' });
  const longAgo = new Date(stack.now().getTime() - 30 * DAY_MILLISECONDS);
  const claim = { model: { name: 'droughtwatch-baseline', version: '1.0.0' }, now: longAgo, leaseSeconds: 60 };
  const scene = { bucket: 'inbox', key: 'old', versionId: 'v1' };
  const { row } = await stack.ledger.claim({ ...claim, scene, execution: 'long ago', attemptLimit: 3 });
  await stack.ledger.fail(row, 'FAILED', { name: 'TransientTrouble', message: 'It was slow.', step: 'Infer' }, longAgo);
  await stack.ledger.raiseWatermark(stack.now());
  await stack.close();

  const sweep = async (...args: string[]) => jsonLines(await swathHere(['sweep', '--json', ...args], cwd));
  assert.partialDeepStrictEqual(await sweep(), [{ status: 'SUCCEEDED', started: 1 }]);
  const { stdout } = await swathHere(['show', row.run], cwd);
  assert.match(stdout, /attempt +2 of 3/);
  assert.match(stdout, /\n {2}TransientTrouble in Infer, attempt 1, /, 'its story goes on');
});
