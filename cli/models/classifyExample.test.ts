import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { encodeGeoTiff } from '../../test/geoTiff.ts';
import { swathHere } from '../../test/swathHere.ts';
import { EXAMPLE_CHIPS } from './classifyExample.ts';

/** `swath model check PACKAGE --example FILE`. */

const MODELS = fileURLToPath(new URL('../../models/', import.meta.url));
const SAMPLE = fileURLToPath(new URL('../../samples/droughtwatch/part-r-00012', import.meta.url));
const cwd = mkdtempSync(join(tmpdir(), 'swath-example-'));
after(() => rmSync(cwd, { recursive: true }));

const check = (model: string, example: string, ...more: string[]) =>
  swathHere(['model', 'check', join(MODELS, model), '--example', example, ...more], cwd);

describe('an example', () => {
  test('of records is classified as the service does, a dozen chips of it', async () => {
    const { example } = JSON.parse((await check('droughtwatch-baseline/1.0.0', SAMPLE, '--json')).stdout);
    assert.equal(example.chips.length, EXAMPLE_CHIPS);
    const [first] = example.chips;
    // As onnxruntime in Python has it: see core/inference/onnx/session.test.ts.
    assert.deepEqual([first.index, first.text], [0, 'cows-1']);
    assert.ok(Math.abs(first.probability - 0.9747929573059082) < 1e-5);
  });

  test('of a raster is listed, with how to see it drawn', async () => {
    const side = 256;
    const names = ['B02', 'B03', 'B04', 'B8A', 'B11', 'B12'];
    const bands = names.map(() => new Uint16Array(side * side).fill(1100));
    const file = join(cwd, 'two.tif');
    writeFileSync(file, encodeGeoTiff({ width: side, height: side, bands, descriptions: names }));
    const { stdout } = await check('s2-scl/1.0.0', file);
    assert.match(stdout, /^s2-scl 1\.0\.0 is whole and runs\./);
    assert.match(stdout, /^ {3}0 {2}\w+$/m);
    assert.match(stdout, /in the console: npx swath classify --model \S+s2-scl\/1\.0\.0 \S+two\.tif\n$/);
  });

  test('of a raster is pixels without a map for a model of rows, which is said', async () => {
    const file = join(cwd, 'rows.tif');
    const bands = Array.from({ length: 36 }, () => new Uint8Array(4).fill(80));
    writeFileSync(file, encodeGeoTiff({ width: 2, height: 2, bands }));
    assert.match((await check('landsat-statlog/1.0.0', file)).stdout, /\nNote: the graph takes rows, so each pixel /);
    assert.doesNotMatch((await check('droughtwatch-baseline/1.0.0', SAMPLE)).stdout, /takes rows/);
  });

  test('that cannot be read, or is all blank, is refused by its name', async () => {
    writeFileSync(join(cwd, 'text.txt'), 'no scene at all, but a text that goes on for some time, longer than a mark');
    const { code, stderr } = await check('s2-scl/1.0.0', join(cwd, 'text.txt'));
    assert.notEqual(code, 0);
    assert.match(stderr, /text\.txt/);
    const names = ['B02', 'B03', 'B04', 'B8A', 'B11', 'B12'];
    const bands = names.map(() => new Uint16Array(64));
    writeFileSync(
      join(cwd, 'empty.tif'),
      encodeGeoTiff({ width: 8, height: 8, bands, descriptions: names, nodata: 0 }),
    );
    assert.match(
      (await check('s2-scl/1.0.0', join(cwd, 'empty.tif'))).stderr,
      /empty\.tif: found 1 chips, all of them blank/,
    );
    assert.equal((await check('s2-scl/1.0.0', join(cwd, 'none.tif'))).code, 2);
  });
});
