import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startStack } from '../../local/stack/stack.ts';
import { jsonLines, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';

const DAY_MILLISECONDS = 86_400_000;

test('swath sweep leaves alone what a sweep has seen long ago, and --full looks at it', async () => {
  const cwd = temporaryFolder();
  const stack = await startStack({ dataDir: join(cwd, '.swath'), command: 'a test' });
  const longAgo = new Date(stack.now().getTime() - 30 * DAY_MILLISECONDS);
  const claim = { model: { name: 'droughtwatch-baseline', version: '1.0.0' }, now: longAgo, leaseSeconds: 60 };
  const claimed = async (key: string, attemptLimit = 3) => {
    const scene = { bucket: 'inbox', key, versionId: 'v1' };
    return (await stack.ledger.claim({ ...claim, scene, execution: 'long ago', attemptLimit })).row;
  };
  const failure = { name: 'TransientTrouble', message: 'It was slow.', step: 'Infer' };
  const [waiting, gone, same] = [await claimed('waiting'), await claimed('gone', 1), await claimed('same')];
  for (const row of [waiting, gone]) await stack.ledger.fail(row, 'FAILED', failure, longAgo);
  await stack.ledger.advance(same, 'DUPLICATE', longAgo, { duplicateOf: gone.run }); // and nothing says that it waits
  await stack.ledger.raiseWatermark(stack.now());
  await stack.close();

  const prepared = join(cwd, '.swath/results/prepared');
  const sweep = async (...args: string[]) => {
    mkdirSync(join(prepared, 'a-run'), { recursive: true });
    utimesSync(join(prepared, 'a-run'), longAgo, longAgo);
    const told = jsonLines(await swathHere(['sweep', '--json', ...args], cwd));
    assert.deepEqual(readdirSync(prepared), [], 'what has expired is deleted');
    return told;
  };
  assert.partialDeepStrictEqual(await sweep(), [{ status: 'SUCCEEDED', started: 1 }], 'what has attempts left');
  const { stdout } = await swathHere(['show', waiting.run], cwd);
  assert.match(stdout, /\n {2}TransientTrouble in Infer, attempt 1, /, 'its story goes on');
  const attempts = async () => /attempt +(\d of \d)/.exec((await swathHere(['show', same.run], cwd)).stdout)?.[1];
  assert.equal(await attempts(), '1 of 3');
  await sweep('--full');
  assert.equal(await attempts(), '2 of 4', 'being a duplicate has cost no attempt');
});
