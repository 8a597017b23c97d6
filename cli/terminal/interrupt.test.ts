import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { STOP_MILLISECONDS as WORKER_STOP_MILLISECONDS } from '../../local/stack/workerProcess.ts';
import { buildLoopingModel } from '../../test/loopingModel.ts';
import { shard } from '../../test/scenes.ts';
import { STOP_MILLISECONDS, startSwath, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';

/** So many times the shard's 81 chips: a second of preprocessing and one of inference, at least. */
const TIMES = 40;

const TITLE = 'Ctrl-C in the middle of a long file: gone within seconds, and the next start takes the file up again';
test(TITLE, { timeout: 120_000 }, async () => {
  const cwd = temporaryFolder();
  const results = join(cwd, '.swath/results');
  mkdirSync(join(cwd, '.swath/inbox'), { recursive: true });
  for (let i = 0; i < TIMES; i += 1) appendFileSync(join(cwd, '.swath/inbox/long'), shard);
  const filesIn = (folder: string) => {
    if (!existsSync(join(results, folder))) return [];
    const entries = readdirSync(join(results, folder), { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  };

  /** Starts the stack, stops it when so many results are there, and says whether any is left half-written. */
  const stopAt = async (folder: string, count: number) => {
    const running = startSwath(['start', '--empty'], cwd);
    await running.says(/Ctrl-C stops/);
    while (filesIn(folder).length < count) await setTimeout(5);
    const stopped = performance.now();
    running.kill('SIGINT');
    const { code, signal, stdout, stderr } = await running.ended;
    assert.deepEqual([code, signal], [0, null], stderr);
    const took = performance.now() - stopped;
    assert.ok(took < STOP_MILLISECONDS);
    assert.doesNotMatch(stdout, /^long +\w{8} +DONE/m);
    // On a machine too busy to end a write in time, its worker is killed, and the next starts remove what it has left.
    const isLeft = took > WORKER_STOP_MILLISECONDS ? /^\.[0-9a-f-]{36}\.tmp$/ : /^$/;
    assert.deepEqual(
      filesIn('.').filter((name) => !/^[\w-]+\.(arrow|parquet|html|json)$/.test(name) && !isLeft.test(name)),
      [],
    );
  };
  await stopAt('prepared', 2);
  assert.equal(filesIn('predictions').length, 0, 'nothing is visible of the file');
  await stopAt('predictions', 2);

  const running = startSwath(['start', '--empty'], cwd);
  await running.says(/^long +\w{8} +DONE +3,240 +80 /m);
  running.kill('SIGINT');
  assert.equal((await running.ended).code, 0);

  const [first = ''] = filesIn('predictions').filter((name) => name.endsWith('-00001.parquet'));
  const { stdout } = await swathHere(['show', first.slice(0, 32)], cwd);
  assert.match(
    stdout,
    /attempt +3 of 5/,
    'three attempts, and one more for each interruption, which is nobody’s fault',
  );
  assert.match(stdout, /cows-0 +1,800 .*\n +cows-1 +240 .*\n +cows-2 +440 .*\n +cows-3plus +680 /);
  assert.match(
    stdout,
    new RegExp(
      `predictions +\\S+${first.slice(0, 32)}-\\*\\.parquet \\(${filesIn('predictions').length} files\\)$`,
      'm',
    ),
  );
});

for (const [command, signal, code] of [
  ['start', 'SIGINT', 0],
  ['classify', 'SIGTERM', 130],
] as const)
  test(`${signal} while a call of the model does not come back: swath ${command} is gone within seconds, in order`, async () => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, '.swath/inbox'), { recursive: true });
    writeFileSync(join(cwd, 'scene'), shard);
    buildLoopingModel(join(cwd, 'package'));
    if (command === 'start') {
      assert.equal((await swathHere(['model', 'publish', 'package', '--promote'], cwd)).code, 0);
      writeFileSync(join(cwd, '.swath/inbox/scene'), shard);
    }
    const running = startSwath(
      command === 'start' ? ['start', '--empty'] : ['classify', '--model', 'package', 'scene'],
      cwd,
    );
    const prepared = join(cwd, '.swath/results/prepared');
    while (
      !existsSync(prepared) ||
      !readdirSync(prepared, { recursive: true }).some((name) => /\.arrow$/.test(String(name)))
    )
      await setTimeout(10);
    await setTimeout(700); // the model has its chips by now
    const stopped = performance.now();
    running.kill(signal);
    const ended = await running.ended;
    const took = performance.now() - stopped;
    assert.ok(took < STOP_MILLISECONDS);
    assert.deepEqual([ended.code, ended.signal], [code, null]);
    assert.match(ended.stderr.trim(), /^(Stopping: .*|swath: interrupted\. .*)$/, 'one sentence, and no trace');
    const { stdout } = await swathHere(['runs', '--json'], cwd);
    const { state, attempt, attemptLimit, error } = JSON.parse(stdout.split('\n')[0]!);
    assert.deepEqual([state, attempt, attemptLimit, error.name], ['FAILED', 1, 4, 'Interrupted']);
  });

for (const first of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  test(`a second signal, as npx forwards Ctrl-C, does not interrupt the shutdown after ${first}`, async () => {
    const code = `
    import { stopOnInterrupt } from ${JSON.stringify(new URL('interrupt.ts', import.meta.url).href)};
    using interrupt = stopOnInterrupt(() => console.log('stopping'));
    const { stopped, wait } = interrupt;
    process.stdout.write('begun ');
    await wait(60_000).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 500));
    console.log('tidy', stopped.aborted);`;
    const args = ['--input-type=module', '--eval', code];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [ended, said] = [once(child, 'close'), text(child.stdout)];
    await once(child.stdout, 'data');
    for (const signal of [first, 'SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      child.kill(signal);
      await setTimeout(50);
    }
    assert.deepEqual([...(await ended), await said], [0, null, 'begun stopping\ntidy true\n']);
  });
