import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { readBaselineFile } from '../../test/benches/packages.ts';
import { zarrStore } from '../../test/benches/zarrStore.ts';
import { jsonLines, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';
import { chipsOf } from '../models/classifyExample.ts';
import type { toJson } from '../runs/report.ts';

type Line = ReturnType<typeof toJson>;

function writeStore(folder: string, first: number) {
  for (const [path, content] of zarrStore(first)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

test('swath classify takes the folder of a Zarr store as one scene, known by all of its chunks', async () => {
  const cwd = temporaryFolder();
  const store = join(cwd, 'a.zarr');
  writeStore(store, 20);
  const classify = async () => jsonLines<Line>(await swathHere(['classify', 'a.zarr', '--json'], cwd))[0]!;
  const first = await classify();
  assert.deepEqual([first.state, first.chips, first.blank, first.warnings, first.error], ['DONE', 2, 0, [], null]);
  assert.match(first.key, /^[0-9a-f]{12}\/a\.zarr\/zarr\.json$/);
  assert.equal((await classify()).run, first.run, 'the same content is the same scene');

  const path = join(store, 'B3/c/0/1');
  const chunk = readFileSync(path);
  writeFileSync(
    path,
    chunk.map((value) => value + 1),
  );
  const changed = await classify();
  assert.notEqual(changed.run, first.run, 'equal metadata may describe other chunks');
  assert.equal(changed.state, 'DONE');

  rmSync(path);
  const { state, warnings } = await classify();
  assert.equal(state, 'DONE');
  assert.deepEqual(
    warnings.map((warning) => warning.replace(/^\w+/, '…')),
    ['…/a.zarr/zarr.json: found no chunk “B3/c/0/1”: its pixels have the fill value'],
  );
});

test('a profile, a calibration and an example read the folder of a Zarr store', async () => {
  const store = join(temporaryFolder(), 'a.zarr');
  writeStore(store, 20);
  const model = await readModelPackage(readBaselineFile);
  assert.deepEqual(await Array.fromAsync(chipsOf(model, store), ({ place }) => place.index), [0, 1]);
});

test('swath classify says how a store gets consolidated metadata', async () => {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'a.zarr/b02'), { recursive: true });
  const { code, stderr } = await swathHere(['classify', 'a.zarr'], cwd);
  assert.equal(code, 2);
  assert.match(stderr, /a\.zarr: found no zarr\.json or \.zmetadata.*zarr\.consolidate_metadata\('a\.zarr'\)/);
});
