import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { sceneOf } from '../../test/scenes.ts';
import { jsonLines, startSwath, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';

type Told = { file: string; run: string; state: string; outcome: string; why: string | null; execution: string | null };

/** Long enough that a Ctrl-C comes into the middle of some of them. */
const CHIPS = 200;
const FILES = ['one', 'two', 'three', 'four', 'five'];

describe('swath retry of all that failed', { timeout: 240_000 }, () => {
  const cwd = temporaryFolder();
  const model = join(cwd, '.swath/models/droughtwatch-baseline/1.1.0/model.onnx');

  before(async () => {
    await swathHere(['runs'], cwd);
    for (const name of FILES) writeFileSync(join(cwd, name), sceneOf(name, CHIPS));
    writeFileSync(join(cwd, 'first'), sceneOf('first', 1));
    await swathHere(['classify', 'first'], cwd); // it publishes the bundled model
    renameSync(model, `${model}.away`);
    const { code } = await swathHere(['classify', ...FILES], cwd);
    assert.equal(code, 1);
  });

  test('--dry-run counts the runs by error, and starts nothing', async () => {
    const { code, stdout } = await swathHere(['retry', '--state', 'failed', '--since', '1d', '--dry-run'], cwd);
    assert.equal(code, 0);
    assert.match(stdout, /^5 failed runs to try again:\n {7}5 {2}InvalidModelPackage in Infer\n\nrun +file +why\n/);
    assert.equal(stdout.match(/^[0-9a-f]{32} .* to try +InvalidModelPackage$/gm)?.length, 5);
    assert.match(stdout, /\n5 runs: 5 to retry; nothing was started\.\n$/);
    const lines = jsonLines<Told>(
      await swathHere(['retry', '--state', 'FAILED', '--limit', '2', '--dry-run', '--json'], cwd),
    );
    assert.deepEqual(
      lines.map(({ outcome, state, execution }) => [outcome, state, execution]),
      Array(2).fill(['to try', 'FAILED', null]),
    );
  });

  test('runs that fail again are listed, with the command for details: exit code 1', async () => {
    const { code, stdout } = await swathHere(['retry', '--state', 'FAILED', '--limit', '2'], cwd);
    assert.equal(code, 1);
    assert.match(stdout, /^2 failed runs are retried, the oldest first:/);
    assert.match(stdout, /\n2 runs: 2 FAILED\.\nThe whole story of one: npx swath show [0-9a-f]{32}\n$/);
    assert.equal(stdout.match(/^FAILED .*model\.onnx: found no such file/gm)?.length, 2);
  });

  test('an error that no run has: there is nothing to retry', async () => {
    const { code, stdout } = await swathHere(['retry', '--state', 'FAILED', '--error', 'DiskFull'], cwd);
    const says = 'No run is FAILED with the error DiskFull. "swath runs --state FAILED" lists them.\n';
    assert.deepEqual([code, stdout], [0, says]);
  });

  test('Ctrl-C in the middle: the ended runs are reported, and the next retry does the rest', async () => {
    renameSync(`${model}.away`, model);
    const running = startSwath(['retry', '--state', 'FAILED', '--at-once', '1', '--json'], cwd);
    await running.says(/\n/);
    await setTimeout(50);
    running.kill('SIGINT');
    const { code, stderr, ...said } = await running.ended;
    assert.equal(code, 130, stderr);
    assert.match(
      stderr,
      /^swath: interrupted; no more runs are started\. What was started .*"npx swath runs" shows it\.\n$/,
    );
    const ended = jsonLines<Told>(said);
    assert.ok(ended.length >= 1 && ended.length < FILES.length, `${ended.length} had ended`);
    assert.ok(ended.every(({ outcome, state }) => outcome === 'ended' && state === 'DONE'));

    const rest = await swathHere(['retry', '--state', 'FAILED', '--since', '1h'], cwd);
    assert.equal(rest.code, 0, rest.stdout);
    assert.match(
      rest.stdout,
      new RegExp(`\\n${FILES.length - ended.length} runs?: ${FILES.length - ended.length} DONE\\.\\n$`),
    );
    const { stdout } = await swathHere(['runs', '--state', 'DONE'], cwd);
    assert.equal(stdout.trimEnd().split('\n').length, 1 + 1 + FILES.length, 'the head, and all of them');
  });

  test('where none failed, it says so', async () => {
    const { code, stdout } = await swathHere(['retry', '--state', 'FAILED', '--since', '1d'], cwd);
    assert.deepEqual([code, stdout], [0, 'No run is FAILED since 1d.\n']);
  });
});

test('several that are named are tried beside a running stack, and go on where that goes away in the middle', {
  timeout: 240_000,
}, async () => {
  const cwd = temporaryFolder();
  const model = join(cwd, '.swath/models/droughtwatch-baseline/1.1.0/model.onnx');
  const running = startSwath(['start', '--empty'], cwd);
  await running.says(/Ctrl-C stops/);
  for (const name of FILES) writeFileSync(join(cwd, name), sceneOf(name, CHIPS));
  renameSync(model, `${model}.away`);
  const failed = jsonLines<Told>(await swathHere(['classify', '--json', ...FILES], cwd));
  renameSync(`${model}.away`, model);
  const retrying = startSwath(['retry', ...failed.map(({ run }) => run), '--at-once', '2', '--json'], cwd);
  await retrying.says(/\n/);
  running.kill('SIGKILL');
  const { code, stderr, ...said } = await retrying.ended;
  const told = jsonLines<Told>(said);
  assert.deepEqual([code, stderr], [0, ''], stderr);
  assert.deepEqual(
    new Map(told.map(({ run, state }) => [run, state])),
    new Map(failed.map(({ run }) => [run, 'DONE'])),
  );
});
