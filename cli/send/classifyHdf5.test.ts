import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { jsonLines, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';
import type { toJson } from '../runs/report.ts';

const SIDE = 65; // of the model's chips

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

test('swath classify takes an HDF5 file as a scene by its name, and says so of one of another name', async () => {
  const cwd = temporaryFolder();
  const bytes = await fileOf();
  for (const name of ['a.nc', 'b.H5', 'c.dat']) writeFileSync(join(cwd, name), bytes);
  const classified = async (...names: string[]) =>
    jsonLines<ReturnType<typeof toJson>>(await swathHere(['classify', ...names, '--json'], cwd));
  const [first] = await classified('a.nc');
  assert.deepEqual([first!.state, first!.chips, first!.blank, first!.error], ['DONE', 2, 0, null]);
  const [same, other] = await classified('b.H5', 'c.dat');
  assert.equal(same!.state, 'DUPLICATE', 'the same content');
  assert.match(JSON.stringify(other!.error), /like an HDF5 file.* Name it \*\.nc or \*\.h5/);
});
