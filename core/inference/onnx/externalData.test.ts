import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { runtimes } from '../../../local/stack/openModel.ts';
import {
  editedItem,
  editedPackage,
  INPUT,
  OUTPUT,
  readBaselineFile,
  readFrom,
  smallModel,
} from '../../../test/benches/packages.ts';
import { DATA_FILE, dataBeside, WEIGHTS } from '../../../test/models/dataBeside.ts';
import { sized, varint } from '../../../test/tfrecord.ts';
import { MAX_MODEL_BYTES } from '../../base/limits.ts';
import { last } from '../../base/protobuf.ts';
import { readModelPackage } from '../../tasks/readModelPackage.ts';
import { readArtifact } from '../artifact.ts';
import { makeBatches } from '../batch.ts';
import { openModel } from '../predict.ts';
import { withData } from './externalData.ts';
import { checkOnnxFile } from './onnxFile.ts';

const onnx = await readBaselineFile('model.onnx');
const { graph, data } = dataBeside(onnx);
const model = await editedPackage([['assets/weights', WEIGHTS]]);
const files = { 'model.onnx': graph, [DATA_FILE]: data };

const entry = (key: string, value: string) => sized(13, sized(1, Buffer.from(key)), sized(2, Buffer.from(value)));
/** A model with one tensor, whose data are at the place. */
const tensorAt = (place: Record<string, string>) => {
  const entries = Object.entries(place).map(([key, value]) => entry(key, value));
  return sized(7, sized(5, sized(8, Buffer.from('w')), ...entries, varint(14 << 3), varint(1)));
};
const rawOf = (whole: Uint8Array) => last(last(last(whole, 7)?.content, 5)?.content, 9)?.content;

describe('a model whose tensors have their data in a file beside it', () => {
  test('is read whole, and is the same model', async () => {
    assert.ok(graph.length < onnx.length / 10);
    assert.throws(() => checkOnnxFile('model.onnx', graph), /an asset of item\.json with "roles": \["mlm:weights"\]/);
    const whole = await readArtifact(readFrom(files), model);
    checkOnnxFile('model.onnx', whole);
    assert.deepEqual(dataBeside(whole), { graph, data });
  });

  test('is named by item.json, and weights of other formats are not', async () => {
    assert.deepEqual(model.artifact, { file: 'model.onnx', format: 'onnx', data: DATA_FILE });
    const others = [
      { ...WEIGHTS, 'mlm:artifact_type': 'torch.save' },
      { ...WEIGHTS, href: 's3://bucket/w', 'mlm:artifact_type': undefined },
    ];
    for (const asset of others) assert.equal((await editedPackage([['assets/w', asset]])).artifact.data, undefined);
    await assert.rejects(
      editedPackage([
        ['assets/a', WEIGHTS],
        ['assets/b', WEIGHTS],
      ]),
      /assets: found .*, allowed is one asset with the role "mlm:weights"/,
    );
    const away = JSON.stringify(await editedItem(['assets/w', { ...WEIGHTS, href: '../../etc/passwd' }]));
    await assert.rejects(
      readModelPackage(async (file) => (file === 'item.json' ? Buffer.from(away) : readBaselineFile(file))),
      /assets\.w\.href: found "\.\.\/\.\.\/etc\/passwd", allowed is a file inside the package/,
    );
  });

  test('is read whole where the graph names that file as a path in its own folder', async () => {
    const tensor = tensorAt({ location: `./${DATA_FILE}` });
    const whole = await readArtifact(readFrom({ ...files, 'model.onnx': tensor }), model);
    assert.deepEqual(Buffer.from(rawOf(whole)!), Buffer.from(data));
  });

  test('is no larger with its data than one in a single file', async () => {
    let limits: (number | undefined)[] = [];
    const read = (runner: 'function' | 'batch') =>
      readArtifact(
        async (file, limit) => {
          limits.push(limit);
          return readFrom(files)(file);
        },
        { ...model, runner },
      );
    await read('function');
    assert.deepEqual(limits, [MAX_MODEL_BYTES, MAX_MODEL_BYTES]);
    limits = [];
    await read('batch');
    assert.deepEqual(limits, [2 ** 31 - 1, 2 ** 31 - 1]);
    const shared = Buffer.concat([tensorAt({ location: 'w' }), tensorAt({ location: 'w' })]);
    assert.throws(
      () => withData('m', shared, () => data, 1.5 * data.length),
      /m: found \d+ bytes with its data, allowed/,
    );
  });
});

describe('the data of a tensor are', () => {
  const bytes = Uint8Array.of(1, 2, 3, 4);
  const read = (place: Record<string, string>) =>
    withData('model.onnx', tensorAt({ location: 'w', ...place }), (name) => (name === 'w' ? bytes : undefined));

  for (const [what, place, expected] of [
    ['the whole file, without an offset', {}, [1, 2, 3, 4]],
    ['the rest of the file, without a length', { offset: '1' }, [2, 3, 4]],
    ['those at its offset', { offset: '1', length: '2' }, [2, 3]],
    ['none', { offset: '4', length: '0' }, []],
  ] as const)
    test(what, () => assert.deepEqual([...rawOf(read(place))!], expected));

  for (const [what, place] of [
    ['end behind the file', { offset: '2', length: '3' }],
    ['begin behind it', { offset: '5' }],
    ['begin before it', { offset: '-1', length: '2' }],
    ['have a negative length', { offset: '2', length: '-1' }],
    ['have an offset that is no number', { offset: 'one' }],
  ] as const)
    test(`refused if they ${what}`, () =>
      assert.throws(() => read(place), {
        name: 'InvalidModelPackage',
        message: /^model\.onnx: found the data of the tensor “w” at bytes .* of w, allowed are 0 to 4\./,
      }));

  test('left where they are in a file that the package does not name, which is refused later', () => {
    const away = tensorAt({ location: '../../etc/passwd' });
    assert.equal(
      withData('model.onnx', away, () => undefined),
      away,
    );
    assert.throws(() => checkOnnxFile('model.onnx', away), /the tensor "w" has its data outside/);
  });

  test('found in branches and functions too', () => {
    const node = (...attribute: Uint8Array[]) => sized(1, sized(5, ...attribute));
    const tensor = last(last(tensorAt({ location: 'w' }), 7)?.content, 5)!.content;
    for (const whole of [sized(7, node(sized(6, sized(5, tensor)))), sized(25, sized(7, sized(5, sized(5, tensor))))]) {
      const changed = withData('m', whole, () => bytes);
      checkOnnxFile('m', changed);
      assert.ok(Buffer.from(changed).includes(Buffer.from(bytes)));
    }
  });

  test('not looked for in what is no model', () => {
    const page = new TextEncoder().encode('<html>');
    assert.equal(
      withData('m', page, () => bytes),
      page,
    );
  });
});

test('a float16 model with its weights in a file beside it, by Python, predicts what onnxruntime predicts in Python', async () => {
  const names = ['A', 'B', 'C', 'D'];
  const scaled = names.map((name) => ({ type: 'processing', format: 'swath', expression: `${name} / 10000` }));
  const classes = [0, 1, 2].map((value) => ({ value, name: `c${value}` }));
  const bands = names.map((name) => ({ name, data_type: 'uint16' }));
  const small = await editedPackage(
    [
      ...smallModel(bands, [8, 8]),
      [`${INPUT}/input/data_type`, 'float16'],
      [`${INPUT}/value_scaling`, scaled],
      [`${OUTPUT}/result`, { shape: [-1, 3], dim_order: ['batch', 'class'], data_type: 'float16' }],
      [`${OUTPUT}/classification:classes`, classes],
      [`${OUTPUT}/post_processing_function`, null],
      ['assets/weights', WEIGHTS],
    ],
    { classes: { c0: 1, c1: 1, c2: 1 } },
  );
  const read = (file: string) => readFile(new URL(`fixtures/float16/${file}`, import.meta.url));
  const { scores } = await openModel(small, () => readArtifact(read, small), { runtimes, threads: 1 });
  const chips = [0, 1, 2].map((i) => ({
    planes: names.map((_, band) =>
      Uint16Array.from({ length: 64 }, (__, at) => (37 * (64 * band + at) + 1000 * i) % 10_000),
    ),
  }));
  const expected = [
    [0.0323486328125, 0.068115234375, 0.8994140625],
    [0.0092620849609375, 0.0138397216796875, 0.97705078125],
    [0.00040221214294433594, 0.00022172927856445312, 0.99951171875],
  ]; // fixtures/float16/make.py, with onnxruntime 1.32
  const found = await scores(makeBatches(small).of(chips), 0, 3);
  for (const [i, p] of expected.flat().entries()) assert.ok(Math.abs(found[i]! - p) < 0.002, `${found[i]} for ${p}`);
});
