import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { readBaselineFile } from '../../test/benches/packages.ts';
import { jsonLines, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';
import { chipsOf } from '../models/classifyExample.ts';
import type { toJson } from '../runs/report.ts';

type Line = ReturnType<typeof toJson>;

const SIDE = 65; // of the model's chips
const NAMES = Array.from({ length: 11 }, (_, i) => `B${i + 1}`);
const regular = (chunk_shape: number[]) => ({ name: 'regular', configuration: { chunk_shape } });

/** Writes a store of version 3, two chips beside each other, without compression. */
function writeStore(folder: string, first: number) {
  const shape = [SIDE, 2 * SIDE];
  const bands = NAMES.map((name) => {
    const about = { data_type: 'uint8', fill_value: 0, codecs: [{ name: 'bytes' }], attributes: {} };
    const chunks = { chunk_grid: regular([SIDE, SIDE]), chunk_key_encoding: { name: 'default' } };
    return [name, { zarr_format: 3, node_type: 'array', shape, dimension_names: ['y', 'x'], ...about, ...chunks }];
  });
  const root = { zarr_format: 3, node_type: 'group', attributes: {} };
  const put = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  for (const [i, name] of NAMES.entries())
    for (const chunk of [0, 1])
      put(
        `${name}/c/0/${chunk}`,
        Uint8Array.from({ length: SIDE ** 2 }, (_, at) => first + ((at * (i + 3)) % 97) + chunk),
      );
  put('zarr.json', JSON.stringify({ ...root, consolidated_metadata: { metadata: Object.fromEntries(bands) } }));
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
