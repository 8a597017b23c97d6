import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DATA_FILE, dataBeside, WEIGHTS } from '../../test/models/dataBeside.ts';
import { runningStack } from '../../test/runningStack.ts';
import { jsonLines, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';

/** A package whose graph has its weights in a file beside it, as exporters write large models. */

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const STATLOG = path('models/landsat-statlog/1.0.0');
const ROWS = path('samples/landsat-statlog/test.csv');

const cwd = temporaryFolder();

describe('a package with its weights in a file beside the graph', () => {
  runningStack(cwd); // its workers serve each command
  const folder = join(cwd, 'package');
  const swath = async (...args: string[]) => {
    const ended = await swathHere(args, cwd);
    assert.equal(ended.code, 0, ended.stderr);
    return ended;
  };

  before(() => {
    cpSync(STATLOG, folder, { recursive: true });
    const { graph, data } = dataBeside(readFileSync(join(folder, 'model.onnx')));
    writeFileSync(join(folder, 'model.onnx'), graph);
    writeFileSync(join(folder, DATA_FILE), data);
    const item = JSON.parse(readFileSync(join(folder, 'item.json'), 'utf8'));
    item.assets = { model: { href: './model.onnx', roles: ['mlm:model'] }, weights: WEIGHTS };
    item.properties.version = '2.0.0';
    writeFileSync(join(folder, 'item.json'), JSON.stringify(item));
  });

  test('is checked with its sample, published with that file, and promoted', async () => {
    await swath('model', 'check', 'package');
    const stack = ['--data-dir', 'data'];
    const [published] = jsonLines<{ digest: string }>(await swath('model', 'publish', 'package', ...stack, '--json'));
    const bucket = join(cwd, 'data', 'models', 'landsat-statlog', '2.0.0');
    assert.ok(readdirSync(bucket).includes(DATA_FILE));
    const record = JSON.parse(readFileSync(join(bucket, 'publication.json'), 'utf8'));
    assert.equal(record.digest, published!.digest);
    assert.deepEqual(Object.keys(record.files).sort(), [
      'item.json',
      'model.onnx',
      DATA_FILE,
      'reference.json',
      'sample.json',
    ]);
    await swath('model', 'promote', 'landsat-statlog/2.0.0', ...stack);
    writeFileSync(join(bucket, DATA_FILE), new Uint8Array(9));
    const again = jsonLines<{ mended: string[] }>(await swath('model', 'publish', 'package', ...stack, '--json'));
    assert.deepEqual(again[0]!.mended, [DATA_FILE]);
  });

  test('predicts what the whole model predicts', async () => {
    const [here, whole] = [
      await swath('classify', '--model', 'package', ROWS, '--json'),
      await swath('classify', '--model', STATLOG, ROWS, '--json'),
    ];
    const counts = ({ stdout }: { stdout: string }) => JSON.parse(stdout.split('\n')[0]!).classes;
    assert.ok(counts(here) !== undefined);
    assert.deepEqual(counts(here), counts(whole));
  });

  test('is calibrated with the file', async () => {
    await swath('model', 'calibrate', 'package', '--data', ROWS, '--to', 'calibrated');
    assert.ok(readdirSync(join(cwd, 'calibrated')).includes(DATA_FILE));
  });

  test('is refused without the file, by its name', async () => {
    rmSync(join(folder, DATA_FILE));
    const { code, stderr } = await swathHere(['model', 'check', 'package'], cwd);
    assert.equal(code, 2);
    assert.match(stderr, /package: model\.onnx\.data: found no such file, item\.json names it/);
  });
});
