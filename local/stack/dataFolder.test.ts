import assert from 'node:assert/strict';
import { mkdir, mkdtempDisposable, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDataFolder } from './dataFolder.ts';

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
