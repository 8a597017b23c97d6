import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { STILL_MILLISECONDS } from '../../local/buckets/still.ts';
import { sceneOf } from '../../test/scenes.ts';
import { jsonLines, STOP_MILLISECONDS, startSwath, swath, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';

describe('swath start --empty', () => {
  const cwd = temporaryFolder();
  const inbox = join(cwd, '.swath/inbox');
  mkdirSync(inbox, { recursive: true });
  writeFileSync(join(inbox, 'early'), sceneOf('early', 7));
  mkdirSync(join(inbox, 'export'));
  for (const name of ['mixer.json', 'export/mixer.json', 'README.MD']) writeFileSync(join(inbox, name), 'no scene');
  let running: ReturnType<typeof startSwath>;
  let dropping: Promise<void>;

  before(async () => {
    running = startSwath(['start', '--empty'], cwd);
    await running.says(/Ctrl-C stops\.\n/);
  });
  after(() => running.kill('SIGKILL'));

  test('it begins with no scene at all', () => {
    assert.doesNotMatch(running.output.stdout, /part-r-00012|fifteen days/i);
  });

  test('a file that is being copied in, slowly, is not taken yet', () => {
    dropping = dropSlowly(join(inbox, 'dropped'), sceneOf('dropped', 12));
    for (const name of ['.hidden', 'copy.part', 'copy.tmp', 'backup~', 'dropped.aux.xml', 'export/.hidden'])
      writeFileSync(join(inbox, name), 'no scene');
    symlinkSync(join(cwd, 'elsewhere'), join(inbox, 'link'));
  });

  test('a second start says who has the folder', async () => {
    const { code, stdout, stderr } = await swath(['start'], cwd);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(
      stderr,
      /^swath: \S+\.swath is in use by process \d+ \(swath start\)\. End it, or start again once it has ended\.\n$/,
    );
    assert.match(stderr, new RegExp(`process ${running.pid} `));
  });

  test('the other commands work beside it', async () => {
    writeFileSync(join(cwd, 'beside'), sceneOf('beside', 5));
    const { code, stdout, stderr } = await swathHere(['classify', 'beside', '--json'], cwd);
    assert.deepEqual([code, stderr], [0, '']);
    const [line] = jsonLines<{ run: string; chips: number }>({ stdout });
    assert.equal(line?.chips, 5);
    assert.equal((await swathHere(['show', line.run], cwd)).code, 0);
  });

  test('the file is taken, whole, once it stands still; temporary and hidden files never are', async () => {
    await dropping;
    await running.says(/\ndropped +\w{8} +DONE +12 /);
    const runs = jsonLines<{ file: string }>(await swathHere(['runs', '--json'], cwd));
    const names = runs.map(({ file }) => file.split('/').at(-1)).sort();
    assert.deepEqual(names, ['beside', 'dropped', 'early']);
  });

  test('a file that is no scene by its name is reported once and starts no run; a temporary file is not reported', async () => {
    await running.says(/\ndropped\.aux\.xml is not a scene file/);
    await running.says(/\n\.hidden is not a scene file/);
    const told = running.output.stdout.split('\n').filter((line) => line.includes('skipped'));
    assert.deepEqual(told.sort(), [
      '.hidden is not a scene file (hidden): skipped.',
      'README.MD is not a scene file (.MD): skipped.',
      'dropped.aux.xml is not a scene file (.xml): skipped.',
      'mixer.json is not a scene file (.json): skipped.',
    ]);
    const logged = jsonLines<{ event: string; fields: Record<string, string> }>(
      await swathHere(['logs', '--json'], cwd),
    );
    const why = logged.flatMap(({ event, fields }) =>
      event === 'inbox.notTaken' ? [[fields['key']!, fields['why']]] : [],
    );
    assert.partialDeepStrictEqual(Object.fromEntries(why), { '.hidden': 'hidden', 'mixer.json': '.json' });
    assert.match(Object.fromEntries(why).link, /^it is a symbolic link/);
  });

  test('bulk files show as well, a line a batch', async () => {
    const folder = join(inbox, 'bulk/delivery');
    mkdirSync(folder, { recursive: true });
    for (const name of ['one', 'two']) writeFileSync(join(folder, name), sceneOf(name, 3));
    writeFileSync(join(folder, 'three'), 'no scene');
    writeFileSync(join(folder, '_DONE'), '');
    await running.says(/\nbulk {2}3 files of \S+ by droughtwatch-baseline 1\.1\.0: 2 done, 1 invalid\n/);
  });

  test('Ctrl-C ends it within seconds, with exit code 0', async () => {
    const stopped = performance.now();
    running.kill('SIGINT');
    const { code, stderr } = await running.ended;
    assert.ok(performance.now() - stopped < STOP_MILLISECONDS);
    assert.equal(code, 0);
    assert.match(stderr, /^(swath: link: .*\n)+\nStopping: the batch in progress is finished first\.\n$/);
    assert.ok(!existsSync(join(cwd, '.swath/lock.json')));
  });
});

/**
 * Writes a file in pieces, over more time than a file has to stand still, and never still for so long: the pauses are short,
 * since a command that runs in this process meanwhile makes one of them longer.
 */
async function dropSlowly(path: string, bytes: Uint8Array): Promise<void> {
  const pieces = 13;
  for (let i = 0; i < pieces; i += 1) {
    if (i > 0) await setTimeout(STILL_MILLISECONDS / (pieces - 3));
    appendFileSync(path, bytes.subarray((bytes.length * i) / pieces, (bytes.length * (i + 1)) / pieces));
  }
}
