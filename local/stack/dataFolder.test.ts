import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtempDisposable, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isDataFolder, NoDataFolder, openDataFolder } from './dataFolder.ts';

test('a new data folder can be read by its owner alone; one that somebody made keeps its mode', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'swath-'));
  const [made, given] = [join(folder.path, 'made'), join(folder.path, 'given')];
  await mkdir(given, { mode: 0o750 });
  for (const path of [made, given]) openDataFolder(path);
  const modes = await Promise.all([made, join(made, 'results'), given].map(async (path) => (await stat(path)).mode));
  assert.deepEqual(
    modes.map((mode) => mode & 0o777),
    [0o700, 0o700, 0o750],
  );
});

test('a folder of another user is not taken for none', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'swath-'));
  const path = join(folder.path, 'theirs');
  openDataFolder(path);
  assert.equal(isDataFolder(path), true);
  const isRoot = process.geteuid!() === 0; // who may look into every folder
  try {
    await chmod(path, 0);
    if (isRoot) process.seteuid!(65534);
    assert.throws(() => isDataFolder(path), {
      name: 'NoDataFolder',
      message: `${path}: found a folder that you may not look into (EACCES), such as one of another user. Run the command as that user, or name your own by --data-dir.`,
    });
  } finally {
    if (isRoot) process.seteuid!(0);
    await chmod(path, 0o700);
  }
});

test('a place that takes no folder is refused with what is there', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'swath-'));
  const at = (name: string) => join(folder.path, name);
  await writeFile(at('file'), '');
  await symlink('gone', at('dangling'));
  await symlink('loop', at('loop'));
  const nowhere = process.platform === 'linux' ? ['/proc/nope', '/proc/nope/deep'] : [];
  for (const [path, found] of [
    ...nowhere.map((path) => [path, 'what takes no folder (ENOENT)'] as const),
    [at('file'), 'a file, or a link to nothing'],
    [at('file/deep'), 'a file, or a link to nothing'],
    [at('dangling'), 'a file, or a link to nothing'],
    [at('loop'), 'what takes no folder (ELOOP)'],
    [at('x'.repeat(256)), 'what takes no folder (ENAMETOOLONG)'],
  ] as const) {
    const message = `${path}: found ${found}, allowed is a folder, or a name for a new one.`;
    assert.throws(() => openDataFolder(path), new NoDataFolder(message));
  }
});
