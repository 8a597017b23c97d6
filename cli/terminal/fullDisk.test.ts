import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { shard } from '../../test/scenes.ts';
import { jsonLines, startSwath, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';
import { SAMPLES } from '../models/bundled.ts';
import type { toJson } from '../runs/report.ts';

type Line = ReturnType<typeof toJson>;

test('a full disk is a failure with the bytes needed, and the run is done once there is room', async (t) => {
  let disk = '';
  after(() => spawnSync('umount', ['-l', disk])); // before the folder that it is in is removed
  const cwd = temporaryFolder();
  disk = join(cwd, 'disk');
  mkdirSync(disk);
  const resize = (megabytes: number, ...options: string[]) =>
    spawnSync('mount', ['-t', 'tmpfs', '-o', [...options, `size=${megabytes}m`].join(), 'none', disk]);
  const { status, stderr: why, error } = resize(4);
  if (status !== 0) return t.skip(`NOT TESTED: a small disk can only be mounted by root on Linux (${error ?? why})`);
  writeFileSync(join(cwd, 'scene'), shard);
  const classify = async () => {
    const { code, stdout, stderr } = await swathHere(['classify', 'scene', '--json', '--data-dir', 'disk'], cwd);
    assert.deepEqual([code, stderr], [1, '']);
    const [{ state, error, predictions, run } = assert.fail('nothing was said')] = jsonLines<Line>({ stdout });
    assert.deepEqual([state, error?.name, predictions], ['FAILED', 'DiskFull', []]);
    return { run, step: error?.step, message: error?.message ?? '' };
  };

  // Room for the model, and not for the scene file.
  const sending = await classify();
  assert.equal(sending.step, 'Send');
  assert.match(
    sending.message,
    /scene: it needs 3,786,183 bytes, and [\d,]+ are free .*\. Make room, then run it again\.$/,
  );

  // Room for the scene file, and not for what is prepared from it.
  resize(6, 'remount');
  const preparing = await classify();
  assert.equal(preparing.step, 'Preprocess');
  assert.match(preparing.message, /part-00000\.arrow: it needs 1,34\d,\d{3} bytes, and [\d,]+ are free /);
  const left = readdirSync(disk, { recursive: true, encoding: 'utf8' });
  assert.deepEqual(
    left.filter((name) => /\.(tmp|part|arrow|parquet)$/.test(name)),
    [],
    'nothing half-written is left',
  );

  resize(60, 'remount');
  const { code, stdout } = await swathHere(['retry', preparing.run, '--json', '--data-dir', 'disk'], cwd);
  assert.equal(code, 0);
  assert.partialDeepStrictEqual(jsonLines<Line>({ stdout })[0], { state: 'DONE', chips: 81, blank: 2, error: null });
});

test('a stack on a disk that another program fills goes on, and classifies what came meanwhile once there is room', async (t) => {
  let end = () => {};
  after(() => end()); // before the folder that the disk is in is removed
  const cwd = temporaryFolder();
  const disk = join(cwd, 'disk');
  mkdirSync(disk);
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=60m', 'none', disk]);
  if (status !== 0) return t.skip('NOT TESTED: a small disk can only be mounted by root on Linux');
  const running = startSwath(['start', '--empty', '--model', 'landsat-statlog', '--data-dir', 'disk'], cwd);
  end = () => {
    running.kill('SIGKILL');
    spawnSync('umount', ['-l', disk]);
  };
  await running.says(/Ctrl-C stops/);
  const [head, ...lines] = readFileSync(join(SAMPLES, 'landsat-statlog/test.csv'), 'utf8').split('\n');
  const drop = (name: string, from: number) =>
    writeFileSync(join(disk, 'inbox', name), [head, ...lines.slice(from, from + 3), ''].join('\n'));
  drop('before.csv', 0);
  await running.says(/before\.csv .* DONE /);

  const others = openSync(join(disk, 'others'), 'w');
  const block = Buffer.alloc(4096);
  assert.throws(() => {
    for (;;) writeSync(others, block);
  }, /ENOSPC/);
  ftruncateSync(others, fstatSync(others).size - 2 * block.length); // room for the file itself, and its line of versions
  drop('meanwhile.csv', 3);
  while (!/full|No room/.test(running.output.stderr))
    assert.equal(await Promise.race([pause(100), running.ended]), undefined);
  closeSync(others);
  rmSync(join(disk, 'others'));
  await running.says(/meanwhile\.csv .* DONE /);
  drop('after.csv', 6);
  await running.says(/after\.csv .* DONE /);
});
