import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { readBaselineFile } from '../../test/benches/packages.ts';
import { zarrStore } from '../../test/benches/zarrStore.ts';
import { runningStack } from '../../test/runningStack.ts';
import { jsonLines, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';
import { chipsOf } from '../models/classifyExample.ts';
import type { toJson } from '../runs/report.ts';

type Line = ReturnType<typeof toJson>;

const SIDE = 65; // of the model's chips

const cwd = temporaryFolder();
const classify = async (...names: string[]) =>
  jsonLines<Line>(await swathHere(['classify', ...names, '--json'], cwd)) as [Line, ...Line[]];

function writeStore(folder: string, first: number) {
  for (const [path, content] of zarrStore(first)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

async function fileOf(): Promise<Uint8Array> {
  const { ready, File } = await import('h5wasm');
  const { FS } = await ready;
  const file = new File('written.h5', 'w');
  for (let band = 1; band <= 11; band += 1) {
    const data = Uint8Array.from({ length: 2 * SIDE ** 2 }, (_, at) => 20 + ((at * (band + 2)) % 97));
    file.create_dataset({ name: `B${band}`, data, shape: [SIDE, 2 * SIDE], chunks: [20, 30], compression: 'gzip' });
  }
  file.close();
  const bytes = FS.readFile('written.h5', { encoding: 'binary' });
  FS.unlink('written.h5');
  return bytes;
}

describe('cubes', () => {
  runningStack(cwd); // its workers serve each command

  test('swath classify takes the folder of a Zarr store as one scene, known by all of its chunks', async () => {
    const store = join(cwd, 'a.zarr');
    writeStore(store, 20);
    writeStore(join(cwd, 'b.zarr'), 30);
    rmSync(join(cwd, 'b.zarr/B3/c/0/1'));
    const [first, cut] = await classify('a.zarr', 'b.zarr');
    assert.deepEqual([first.state, first.chips, first.blank, first.warnings, first.error], ['DONE', 2, 0, [], null]);
    assert.match(first.key, /^[0-9a-f]{12}\/a\.zarr\/zarr\.json$/);
    assert.equal(cut?.state, 'DONE');
    assert.deepEqual(
      cut.warnings.map((warning) => warning.replace(/^\w+/, '…')),
      ['…/b.zarr/zarr.json: found no chunk “B3/c/0/1”: its pixels have the fill value'],
    );
    assert.equal((await classify('a.zarr'))[0].run, first.run, 'the same content is the same scene');

    const path = join(store, 'B3/c/0/1');
    const chunk = readFileSync(path);
    writeFileSync(
      path,
      chunk.map((value) => value + 1),
    );
    const [changed] = await classify('a.zarr');
    assert.notEqual(changed.run, first.run, 'equal metadata may describe other chunks');
    assert.equal(changed.state, 'DONE');
  });

  test('a profile, a calibration and an example read the folder of a Zarr store', async () => {
    const store = join(cwd, 'a.zarr');
    const model = await readModelPackage(readBaselineFile);
    assert.deepEqual(await Array.fromAsync(chipsOf(model, store), ({ place }) => place.index), [0, 1]);
  });

  test('swath classify says how a store gets consolidated metadata', async () => {
    mkdirSync(join(cwd, 'none.zarr/b02'), { recursive: true });
    const { code, stderr } = await swathHere(['classify', 'none.zarr'], cwd);
    assert.equal(code, 2);
    assert.match(stderr, /none\.zarr: found no zarr\.json or \.zmetadata.*zarr\.consolidate_metadata\('none\.zarr'\)/);
  });

  test('swath classify takes an HDF5 file as a scene by its name, and says so of one of another name', async () => {
    const bytes = await fileOf();
    for (const name of ['a.nc', 'b.H5', 'c.dat']) writeFileSync(join(cwd, name), bytes);
    const [first] = await classify('a.nc');
    assert.deepEqual([first.state, first.chips, first.blank, first.error], ['DONE', 2, 0, null]);
    const [same, other] = await classify('b.H5', 'c.dat');
    assert.equal(same!.state, 'DUPLICATE', 'the same content');
    assert.match(JSON.stringify(other!.error), /like an HDF5 file.* Name it \*\.nc or \*\.h5/);
  });
});
