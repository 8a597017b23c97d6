import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { STILL_MILLISECONDS } from '../local/still.ts';
import { sceneOf } from '../test/scenes.ts';
import { jsonLines, startSwath, swath, temporaryFolder } from '../test/swath.ts';

const STOP_MILLISECONDS = 3000;

describe('swath start --empty', () => {
  const cwd = temporaryFolder();
  const inbox = join(cwd, '.swath/inbox');
  mkdirSync(inbox, { recursive: true });
  writeFileSync(join(inbox, 'early'), sceneOf('early', 7));
  const running = startSwath(['start', '--empty'], cwd);
  let dropping: Promise<void>;

  before(() => running.says(/Ctrl-C stops\.\n/));
  after(() => running.kill('SIGKILL'));

  test('it begins with no scene at all', () => {
    assert.doesNotMatch(running.output.stdout, /part-r-00012|fifteen days/i);
  });

  test('a file that is being copied in, slowly, is not taken yet', () => {
    dropping = dropSlowly(join(inbox, 'dropped'), sceneOf('dropped', 12));
    for (const name of ['.hidden', 'copy.part', 'copy.tmp', 'backup~']) writeFileSync(join(inbox, name), 'no scene');
  });

  test('a second start says who has the folder', async () => {
    const { code, stdout, stderr } = await swath(['start'], cwd);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^swath: \S+\.swath is in use by process \d+ \(swath start\)\.\n$/);
    assert.match(stderr, new RegExp(`process ${running.pid} `));
  });

  test('the other commands work beside it', async () => {
    writeFileSync(join(cwd, 'beside'), sceneOf('beside', 5));
    const { code, stdout, stderr } = await swath(['classify', 'beside', '--json'], cwd);
    assert.deepEqual([code, stderr], [0, '']);
    const [line] = jsonLines<{ run: string; chips: number }>({ stdout });
    assert.equal(line?.chips, 5);
    assert.equal((await swath(['show', line.run], cwd)).code, 0);
  });

  test('the file is taken, whole, when it stands still; temporary and hidden ones never are', async () => {
    await dropping;
    await running.says(/\ndropped +DONE +12 /);
    const runs = jsonLines<{ file: string }>(await swath(['runs', '--json'], cwd));
    const names = runs.map(({ file }) => file.split('/').at(-1)).sort();
    assert.deepEqual(names, ['beside', 'dropped', 'early']);
  });

  test('Ctrl-C ends it within 3 s, with exit code 0', async () => {
    const stopped = performance.now();
    running.kill('SIGINT');
    const { code, stderr } = await running.ended;
    assert.ok(performance.now() - stopped < STOP_MILLISECONDS);
    assert.deepEqual([code, stderr], [0, '\nStopping: the batch in progress is finished first.\n']);
    assert.ok(!existsSync(join(cwd, '.swath/lock.json')));
  });
});

/** Writes a file in pieces, over more time than a file has to stand still, and never still for so long. */
async function dropSlowly(path: string, bytes: Uint8Array): Promise<void> {
  const pieces = 4;
  for (let i = 0; i < pieces; i += 1) {
    if (i > 0) await setTimeout(STILL_MILLISECONDS / (pieces - 1.5));
    appendFileSync(path, bytes.subarray((bytes.length * i) / pieces, (bytes.length * (i + 1)) / pieces));
  }
}
