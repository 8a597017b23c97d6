import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { shard } from '../../test/scenes.ts';
import { jsonLines, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';
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
