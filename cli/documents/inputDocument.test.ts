import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { encodeOnnx } from '../../test/models/onnx.ts';
import { encodeNpy } from '../../test/numpy.ts';
import { jsonLines, temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';
import { encodeExample, encodeTfRecord, type FeatureToEncode } from '../../test/tfrecord.ts';
import type { toJson } from '../runs/report.ts';

/** docs/input.md, with the package of docs/models.md: its Python writes files that are classified, and what it says of files that do not fit is what is said. */

type Line = ReturnType<typeof toJson>;

const document = readFileSync(new URL('../../docs/input.md', import.meta.url), 'utf8');
const snippets = [...document.matchAll(/^```python\n(.*?)^```$/gms)].map(([, code]) => code!);
const models = readFileSync(new URL('../../docs/models.md', import.meta.url), 'utf8');
const [, ITEM = ''] = /^```json\n(\{\n.*?)^```$/ms.exec(models) ?? [];
const [, REFERENCE = ''] = /^Its `reference\.json` is `([^`]+)`/m.exec(models) ?? [];
const [CHIPS, SIZE] = [8, 64];
const BANDS = ['B02', 'B03', 'B04', 'B08'];
const VALUES = CHIPS * BANDS.length * SIZE * SIZE;

const cwd = temporaryFolder();
before(() => writePackage(join(cwd, 'package')));

const classify = async (...files: string[]) =>
  jsonLines<Line>(await swathHere(['classify', '--model', 'package', '--json', ...files], cwd));

test('the package of docs/models.md is complete, runs, and gets no notes', async () => {
  const { code, stdout, stderr } = await swathHere(['model', 'check', 'package'], cwd);
  assert.deepEqual([code, stderr], [0, '']);
  const [whole, engine, ...notes] = stdout.split('\n');
  assert.equal(whole, 'land 1.0.0 is whole and runs. Its classes: water, forest, fields.');
  assert.match(engine!, /^It runs in the function infer/);
  assert.deepEqual(notes, ['']);
});

describe('the Python of docs/input.md', () => {
  test('is all of the kinds that are read', () => {
    assert.deepEqual(snippets.flatMap(written).sort(), [
      'scene-tensorflow.tfrecord',
      'scene.npy',
      'scene.npz',
      'scene.tfrecord',
    ]);
  });

  const there: string[] = [];
  for (const code of snippets)
    test(`writes ${written(code)}`, async (t) => {
      const ran = spawnSync('python3', ['-c', code], { cwd, encoding: 'utf8' });
      const modules = [...code.matchAll(/^import (\w+)/gm)].map(([, name]) => name!);
      const isMissing =
        ran.error !== undefined || modules.some((name) => ran.stderr.includes(`No module named '${name}'`));
      if (isMissing) return t.skip(`NOT TESTED: there is no python3 with ${modules.join(', ')}`);
      assert.equal(ran.status, 0, ran.stderr);
      there.push(...written(code));
    });

  test('writes files that are classified', async () => {
    for (const line of there.length > 0 ? await classify(...there) : [])
      assert.partialDeepStrictEqual(line, { state: 'DONE', chips: CHIPS, blank: 0, error: null });
  });
});

describe('what docs/input.md says of files', () => {
  const values = Uint16Array.from({ length: VALUES }, (_, i) => 1 + (i % 9999));
  const bytesOf = (plane: ArrayLike<number>) => new Uint8Array(Uint16Array.from(plane).buffer);
  const pixels = values.subarray(0, SIZE * SIZE);
  const record = (bands: [string, Uint8Array][]) => {
    const features = bands.map(([name, value]): [string, FeatureToEncode] => [
      name,
      { kind: 'bytes', values: [value] },
    ]);
    return encodeTfRecord(encodeExample([...features, ['label', { kind: 'int64', values: [1n] }]]));
  };
  const whole = BANDS.map((name): [string, Uint8Array] => [name, bytesOf(pixels)]);
  const files: Record<string, { bytes: Uint8Array; says?: string }> = {
    'as NumPy': { bytes: npy('<u2', [CHIPS, 4, SIZE, SIZE], values) },
    'as TFRecord': { bytes: record(whole) },
    'bands last': {
      bytes: npy('<u2', [CHIPS, SIZE, SIZE, 4], values),
      says: 'found an array of the shape [8, 64, 64, 4], allowed is [any, 4, 64, 64]',
    },
    'of another type': {
      bytes: npy('<f8', [CHIPS, 4, SIZE, SIZE], Float64Array.from(values)),
      says: 'found values of float64, allowed is uint16 for the band B02',
    },
    'of another name': {
      bytes: record([...whole.slice(0, 3), ['B8', bytesOf(pixels)]]),
      says: 'band B08 is missing; the record has',
    },
    'of one byte': {
      bytes: record([['B02', new Uint8Array(SIZE * SIZE).fill(1)], ...whole.slice(1)]),
      says: 'band B02: found 4096 bytes, allowed are 8192 (64 × 64 uint16)',
    },
  };

  test('holds: files that fit are classified, and the errors of the others say what is wrong', async () => {
    for (const [name, { bytes }] of Object.entries(files)) writeFileSync(join(cwd, name), bytes);
    const lines = await classify(...Object.keys(files));
    for (const [i, { says }] of Object.values(files).entries()) {
      const { state, error } = lines[i]!;
      assert.equal(state, says === undefined ? 'DONE' : 'INVALID', error?.message);
      if (says === undefined) continue;
      assert.ok(error!.message.includes(says), error!.message);
      assert.ok(document.includes(says), says);
    }
  });
});

/** The files that a snippet writes, as it names them. */
function written(code: string): string[] {
  return [...code.matchAll(/"(scene[\w-]*\.\w+)"/g)].map(([, file]) => file!);
}

function npy(descr: string, shape: number[], values: Uint16Array | Float64Array): Uint8Array {
  return encodeNpy({ descr, shape, data: new Uint8Array(values.buffer) });
}

/** The package whose item stands in docs/models.md. */
function writePackage(folder: string): void {
  const { properties } = JSON.parse(ITEM);
  const [[input], [output]] = [properties['mlm:input'], properties['mlm:output']];
  const classes: number = output['classification:classes'].length;
  const onnx = encodeOnnx({
    name: properties['mlm:name'],
    inputs: [{ name: input.name, dimensions: ['batch', BANDS.length, SIZE, SIZE] }],
    outputs: [{ name: output.name, dimensions: ['batch', classes] }],
    constants: [
      { name: 'dense', dimensions: [BANDS.length, classes], values: Array.from({ length: 12 }, (_, i) => i / 12) },
    ],
    nodes: [
      { operator: 'ReduceMean', inputs: [input.name], outputs: ['mean'], attributes: { axes: [2, 3], keepdims: 0 } },
      { operator: 'MatMul', inputs: ['mean', 'dense'], outputs: ['product'] },
      { operator: 'Softmax', inputs: ['product'], outputs: [output.name], attributes: { axis: -1 } },
    ],
  });
  mkdirSync(folder);
  writeFileSync(join(folder, 'item.json'), ITEM);
  writeFileSync(join(folder, 'model.onnx'), onnx);
  writeFileSync(join(folder, 'reference.json'), REFERENCE);
  writeFileSync(join(folder, 'README.md'), '# land 1.0.0\n');
}
