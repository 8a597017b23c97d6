import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { InvalidModelPackage } from '../../core/base/errors.ts';
import { text } from '../../core/base/protobuf.ts';
import { MODEL } from '../../core/inference/onnx/onnxMessages.ts';
import { draftPackage } from '../../core/package/draft.ts';
import type { DraftTask } from '../../core/package/draftTasks.ts';
import { todosIn } from '../../core/package/todo.ts';
import { checkOrdinaryOutputs } from '../../core/tasks/registry.ts';
import { openModel } from '../../local/stack/openModel.ts';
import { encodeGeoTiff } from '../../test/geoTiff.ts';
import { DATA_FILE, dataBeside, WEIGHTS } from '../../test/models/dataBeside.ts';
import { encodeOnnx, type OnnxValue } from '../../test/models/onnx.ts';
import { swathHere } from '../../test/swathHere.ts';
import { initModel } from './initModel.ts';
import { ordinaryChips } from './ordinaryChips.ts';
import { profileModel } from './profileModel.ts';
import { checkPackageFolder, readPackageFolder } from './publishModel.ts';

/** `swath model init`: what it writes of models of every kind (fixtures/deepness), and that it runs once the rest is written. */

const FIXTURES = new URL('fixtures/deepness/', import.meta.url);
const work = mkdtempSync(join(tmpdir(), 'swath-init-'));
after(() => rmSync(work, { recursive: true }));

const DIGITS = new URL('../../models/digits/1.0.0/model.onnx', import.meta.url);
const RGB = ['red', 'green', 'blue'];
const example = join(work, 'example.tif');
writeFileSync(
  example,
  encodeGeoTiff({ width: 4, height: 4, bands: RGB.map(() => new Uint8Array(16)), descriptions: RGB, nodata: 0 }),
);

const ASKED = { title: 'a', version: '1.0.0', file: 'model.onnx', at: '2026-01-01T00:00:00Z' };

type Json = { [key: string]: unknown };
// biome-ignore lint/suspicious/noExplicitAny: JSON of which the paths are known
const read = (folder: string, file: string): any => JSON.parse(readFileSync(join(folder, file), 'utf8'));
const write = (folder: string, file: string, json: Json) => writeFileSync(join(folder, file), JSON.stringify(json));

/** What scikit-learn's other models predict for iris.csv. */
const COUNTS: Record<string, number[]> = { 'names-ovr': [50, 47, 53], 'numbers-bayes': [50, 50, 50] };

/** A folder of its own with a model: one of the fixtures, or the bytes of one. */
function folderOf(model: string | Uint8Array): string {
  const folder = mkdtempSync(join(work, 'model-'));
  writeFileSync(join(folder, 'model.onnx'), typeof model === 'string' ? readFileSync(new URL(model, FIXTURES)) : model);
  return folder;
}

/** The mark of bands whose order is to be confirmed. */
const todoOf = (bands: string) => `TODO: a list of ${bands}, in the order that the model takes them`;

/** A model that makes nothing of its inputs. */
const graphOf = (inputs: OnnxValue[], outputs: OnnxValue[]) =>
  encodeOnnx({ name: 'g', inputs, outputs, constants: [], nodes: [] });

/** The folder of a model's draft. */
async function drafted(file: string, options: Parameters<typeof initModel>[1] = {}): Promise<string> {
  const folder = folderOf(file);
  await initModel(join(folder, 'model.onnx'), { json: true, ...options });
  return folder;
}

/** Writes what only a model's author knows. */
function finish(folder: string, { after: expression, batch }: { after?: string; batch?: number }): void {
  const item = read(folder, 'item.json');
  const { properties } = item;
  properties.description = 'made up';
  properties['mlm:architecture'] = 'made up';
  for (const input of properties['mlm:input']) {
    input.bands = RGB;
    input.value_scaling = [{ type: 'scale', value: 255 }];
  }
  for (const output of properties['mlm:output']) {
    for (const [i, one] of (output['classification:classes'] ?? []).entries()) one.name = `class ${i}`;
    output.post_processing_function = expression === undefined ? null : { format: 'swath', expression };
  }
  if (batch !== undefined) {
    properties['mlm:input'][0].input.shape[0] = batch;
    properties['mlm:output'][0].result.shape[0] = batch;
  }
  write(folder, 'item.json', item);
  const [{ tasks, 'classification:classes': classes = [] }] = properties['mlm:output'];
  write(
    folder,
    'reference.json',
    ['regression', 'super-resolution'].includes(tasks[0])
      ? { bins: { edges: [0, 1], counts: [1] } }
      : { classes: Object.fromEntries(classes.map((_: unknown, i: number) => [`class-${i}`, 1])) },
  );
}

/** The draft of each model, what is told of it besides, and how many classes it has. */
const MODELS: Record<string, { task: DraftTask; after?: string; batch?: number; classes: number }> = {
  'dummy_recognition_model.onnx': { task: 'scene-classification', after: 'softmax', classes: 224 },
  'dummy_regression_models_dummy_regression_model.onnx': { task: 'regression', classes: 0 },
  'dummy_regression_models_dummy_regression_model_batched.onnx': { task: 'regression', classes: 0 },
  'dummy_regression_models_one_output_sigmoid_bsx1x512x512.onnx': { task: 'regression', classes: 0 },
  'dummy_regression_models_one_output_sigmoid_bsx512x512.onnx': { task: 'regression', classes: 0 },
  'dummy_regression_models_two_outputs_sigmoid_bsx1x512x512.onnx': { task: 'regression', classes: 0 },
  'dummy_regression_models_two_outputs_sigmoid_bsx512x512.onnx': { task: 'regression', classes: 0 },
  'dummy_segmentation_models_different_output_size_512_to_484.onnx': { task: 'semantic-segmentation', classes: 3 },
  'dummy_segmentation_models_dummy_model.onnx': { task: 'semantic-segmentation', after: 'softmax', classes: 3 },
  'dummy_segmentation_models_one_output_sigmoid_bsx1x512x512.onnx': { task: 'semantic-segmentation', classes: 2 },
  'dummy_segmentation_models_one_output_sigmoid_bsx512x512.onnx': {
    task: 'semantic-segmentation',
    batch: 1,
    classes: 2,
  },
  'dummy_segmentation_models_one_output_softmax_bsx2x512x512.onnx': { task: 'semantic-segmentation', classes: 2 },
  'dummy_segmentation_models_two_outputs_sigmoid_bsx1x512x512.onnx': { task: 'semantic-segmentation', classes: 2 },
  'dummy_segmentation_models_two_outputs_sigmoid_bsx512x512.onnx': {
    task: 'semantic-segmentation',
    batch: 1,
    classes: 2,
  },
  'dummy_segmentation_models_two_outputs_softmax_bsx2x512x512.onnx': { task: 'semantic-segmentation', classes: 2 },
  'dummy_superresolution_model.onnx': { task: 'super-resolution', batch: 1, classes: 0 },
  'one_output_sigmoid_red_detector.onnx': { task: 'semantic-segmentation', classes: 2 },
};

test('each of the models is tried', () => {
  const files = readdirSync(FIXTURES).filter((file) => file.endsWith('.onnx'));
  assert.deepEqual(Object.keys(MODELS).sort(), files.sort());
});

describe('a draft', () => {
  for (const [file, { task, ...wanted }] of Object.entries(MODELS))
    test(`of ${file} runs once the rest is written`, async () => {
      const folder = await drafted(file, { task, example });
      await assert.rejects(readPackageFolder(folder), /is still to be written/);
      finish(folder, wanted);
      const model = await readPackageFolder(folder);
      assert.deepEqual(
        model.source.bands.map(({ name, dataType }) => [name, dataType]),
        RGB.map((name) => [name, 'uint8']),
      );
      assert.equal(model.classes.length, wanted.classes);
      const { scores } = await openModel(model, readFileSync(join(folder, 'model.onnx')));
      const outputs = await scores(ordinaryChips(model, 1), 0, 1);
      checkOrdinaryOutputs(model, outputs, 1);
    });

  test('has the likeliest task unless one is named', async () => {
    for (const [file, task] of [
      ['dummy_recognition_model.onnx', 'scene-classification'],
      ['one_output_sigmoid_red_detector.onnx', 'semantic-segmentation'],
      ['dummy_superresolution_model.onnx', 'super-resolution'],
    ] as const)
      assert.deepEqual(read(await drafted(file), 'item.json').properties['mlm:tasks'], [task]);
  });

  test('has a mark for each thing that neither the graph nor the example says, and none else', async () => {
    const folder = await drafted('one_output_sigmoid_red_detector.onnx', { example });
    const places = (file: string) => todosIn(read(folder, file)).map((todo) => todo.split(' ')[0]);
    assert.deepEqual(places('item.json'), [
      'properties.description',
      'properties.mlm:architecture',
      'properties.mlm:input[0].bands',
      'properties.mlm:input[0].value_scaling',
      'properties.mlm:output[0].classification:classes[0].name',
      'properties.mlm:output[0].classification:classes[1].name',
    ]);
    assert.deepEqual(places('reference.json'), []);
    assert.deepEqual(read(folder, 'reference.json'), { provisional: true });
    assert.match(readFileSync(join(folder, 'README.md'), 'utf8'), /ONNX, opset 12, made by pytorch/);
    const without = await drafted('one_output_sigmoid_red_detector.onnx');
    assert.equal(todosIn(read(without, 'item.json')).filter((todo) => todo.includes('.bands[')).length, 6);
  });

  test('takes the bands that the graph takes, and the common names that it knows them by', async () => {
    const bands = ['B01', 'B02', 'B03', 'B04', 'B08'];
    const scene = join(work, 'sentinel.tif');
    const planes = bands.map(() => new Uint8Array(16));
    writeFileSync(scene, encodeGeoTiff({ width: 4, height: 4, bands: planes, descriptions: bands }));
    const folder = folderOf('one_output_sigmoid_red_detector.onnx');
    const { stdout } = await swathHere(['model', 'init', 'model.onnx', '--example', scene], folder);
    assert.match(stdout, /Of the example's bands, B04, B03, B02 are taken\./);
    const { properties } = read(folder, 'item.json');
    const names = properties.bands.map((band: Json) => `${band['name']} ${band['eo:common_name']}`);
    assert.deepEqual(names, ['B04 red', 'B03 green', 'B02 blue']);
  });

  test('states no data as the example does, also where it is no number', async () => {
    const scene = join(work, 'nodata.tif');
    const written: unknown[] = [];
    for (const nodata of [-9999, Number.NaN, Infinity, -Infinity]) {
      writeFileSync(scene, encodeGeoTiff({ width: 4, height: 4, bands: [new Float32Array(16)], nodata }));
      const [input, output] = ['x', 'y'].map((name) => ({ name, dimensions: ['n', 1, 4, 4] }));
      const folder = folderOf(graphOf([input!], [output!]));
      await initModel(join(folder, 'model.onnx'), { example: scene, json: true });
      written.push(read(folder, 'item.json').properties.bands[0].nodata);
    }
    assert.deepEqual(written, [-9999, 'nan', 'inf', '-inf']);
  });

  for (const [bands, count, chosen, listed] of [
    [['B02', 'B03', 'B04', 'B08', 'B11'], 4, ['B04', 'B03', 'B02', 'B08'], todoOf('B04, B03, B02, B08')],
    [['B02', 'B03', 'B04'], 3, null, todoOf('B02, B03, B04')],
    [['B08'], 1, null, ['B08']],
  ] as const)
    test(`marks the order of ${count} of the bands ${bands} where there is one, and says in JSON which it chose`, async () => {
      const scene = join(work, 'order.tif');
      const planes = bands.map(() => new Uint8Array(16));
      writeFileSync(scene, encodeGeoTiff({ width: 4, height: 4, bands: planes, descriptions: [...bands] }));
      const folder = folderOf(
        graphOf([{ name: 'x', dimensions: ['n', count, 64, 64] }], [{ name: 'y', dimensions: ['n', 1] }]),
      );
      const { stdout } = await swathHere(['model', 'init', 'model.onnx', '--example', scene, '--json'], folder);
      assert.deepEqual(JSON.parse(stdout).bands, chosen);
      assert.deepEqual(read(folder, 'item.json').properties['mlm:input'][0].bands, listed);
    });

  test('of a graph that gives the class of each pixel leaves the list of classes to its author', async () => {
    const shape = ['n', 1, 'h', 'w'];
    const bands = ['n', 4, 'h', 'w'];
    for (const [type, operator] of [
      ['uint8', 'Cast'],
      ['float32', 'ArgMax'],
    ] as const) {
      const inputs = [{ name: 'x', type: 'float32', shape: bands }];
      const [output] = draftPackage(
        { inputs, outputs: [{ name: 'y', type, shape, operator }], classes: [], producer: '' },
        ASKED,
      ).item.properties['mlm:output'] as Json[];
      assert.match(String(output!['classification:classes']), /^TODO: a list of the classes/);
      assert.equal(output!['post_processing_function'], null);
    }
  });

  test('of a model of rows says that a raster would be pixels without a map, and of a table nothing of it', async () => {
    const table = join(work, 'rows.csv');
    writeFileSync(table, 'red,green,blue\n1,2,3\n');
    for (const file of [example, table]) {
      const graph = graphOf([{ name: 'x', dimensions: ['n', 3] }], [{ name: 'y', dimensions: ['n', 2] }]);
      const { stdout } = await swathHere(['model', 'init', 'model.onnx', '--example', file], folderOf(graph));
      assert.equal(/\nNote: the graph takes rows, so each pixel of a raster is a chip/.test(stdout), file === example);
    }
  });

  test('of a picture has the common names of its colours', () => {
    const inputs = [{ name: 'x', type: 'uint8', shape: ['n', 3, 8, 8] }];
    const outputs = [{ name: 'y', type: 'float32', shape: ['n', 2], operator: null }];
    for (const isPicture of [true, false]) {
      const example = { isPicture, bands: RGB.map(() => ({ name: null, type: 'uint8', nodata: null })) };
      const { item } = draftPackage({ inputs, outputs, classes: [], producer: '' }, { ...ASKED, example });
      const bands = RGB.map((colour, i) => ({ name: `b${i}`, ...(isPicture && { 'eo:common_name': colour }) }));
      assert.partialDeepStrictEqual(item.properties.bands, bands);
      assert.equal(JSON.stringify(item).includes('common_name'), isPicture);
    }
  });

  test('of a table has columns of the type that the graph takes', () => {
    const [inputs, outputs] = ['x', 'y'].map((name) => [{ name, type: 'float32', shape: ['n', 2], operator: null }]);
    const example = { bands: ['ndvi', 'vv'].map((name) => ({ name, type: 'float64', nodata: null })) };
    const { item } = draftPackage(
      { inputs: inputs!, outputs: outputs!, classes: [], producer: '' },
      { ...ASKED, example },
    );
    assert.deepEqual(
      item.properties.bands,
      ['ndvi', 'vv'].map((name) => ({ name, data_type: 'float32' })),
    );
  });

  for (const [producer, remedy] of [
    [
      'pytorch',
      'End the graph before its ArgMax; if its scores are integers, or not of [batch, classes], add a Cast to float32 or a Reshape at its end.',
    ],
    [
      'skl2onnx',
      'Convert the model with to_onnx(model, X, options={"zipmap": False}), and each of the estimators_ of a MultiOutputClassifier by itself.',
    ],
  ] as const)
    test(`is not made of a classifier of ${producer} that gives labels alone, and says what to do`, async () => {
      const label = { name: 'label', dimensions: ['n', 2], type: 'int64' } as const;
      const graph = graphOf([{ name: 'X', dimensions: ['n', 6] }], [label]);
      const folder = folderOf(Buffer.concat([graph, text(MODEL.producer, producer)]));
      await assert.rejects(initModel(join(folder, 'model.onnx'), {}), {
        message: `${join(folder, 'model.onnx')}: found the outputs label, allowed is one of float with a number for each class. ${remedy}`,
      });
      assert.deepEqual(readdirSync(folder), ['model.onnx']);
    });

  const KINDS = ['names-zipmap', 'names-tensor', 'names-ovr', 'names-inputs'];
  for (const kind of [...KINDS, 'numbers-zipmap', 'numbers-tensor', 'numbers-bayes'])
    test(`of a classifier of scikit-learn's (${kind}) runs, and its profile has scikit-learn's counts`, async () => {
      const iris = fileURLToPath(new URL('fixtures/scikit-learn/iris.csv', import.meta.url));
      const folder = await drafted(`../scikit-learn/${kind}.onnx`, { example: iris });
      const item = read(folder, 'item.json');
      Object.assign(item.properties, { description: 'made up', 'mlm:architecture': 'made up' });
      write(folder, 'item.json', item);
      const model = await readPackageFolder(folder);
      const names = kind.startsWith('names') ? ['setosa', 'versicolor', 'virginica'] : ['0', '1', '2'];
      assert.deepEqual(
        model.source.bands.map(({ name }) => name),
        ['sepal_length', 'sepal_width', 'petal_length', 'petal_width'],
      );
      assert.deepEqual(model.reference, [1, 1, 1]);
      if (kind === KINDS[0]) {
        const { notes } = await checkPackageFolder(folder); // in a process, which takes as long as all else
        assert.ok(notes.some((note) => note.startsWith('reference.json: is provisional')));
      }
      await profileModel(folder, { data: [iris], dataDir: '.swath' });
      const reference = read(folder, 'reference.json');
      const counts = COUNTS[kind] ?? [50, 48, 52];
      assert.deepEqual(reference.classes, Object.fromEntries(names.map((name, i) => [name, counts[i]])));
      assert.equal(reference.provisional, undefined);
    });

  test('has a band for each input of one column, whose name it is', async () => {
    const { bands } = read(await drafted('../scikit-learn/names-inputs.onnx'), 'item.json').properties;
    assert.deepEqual(
      bands.map(({ name, data_type }: Json) => [name, data_type]),
      ['sepal_length', 'sepal_width', 'petal_length', 'petal_width'].map((name) => [name, 'float32']),
    );
  });

  test('of a model of any size of image is one of classes, whose planes are those of the image', async () => {
    const [image, map] = [3, 5].map((channels) => ({ name: `of${channels}`, dimensions: ['n', channels, 'h', 'w'] }));
    const folder = folderOf(graphOf([image!], [map!]));
    await initModel(join(folder, 'model.onnx'), { json: true });
    assert.deepEqual(read(folder, 'item.json').properties['mlm:tasks'], ['semantic-segmentation']);
  });

  test('of a classifier of several labels has that task', async () => {
    const { properties } = read(await drafted('../scikit-learn/labels.onnx'), 'item.json');
    assert.deepEqual(properties['mlm:tasks'], ['multi-label-classification']);
  });

  test('is not made of a task that is not supported, which is named', async () => {
    const float = (name: string, ...dimensions: (number | string)[]) => ({ name, dimensions });
    const image = float('images', 1, 3, 640, 640);
    for (const [input, outputs, says] of [
      [
        image,
        [float('output0', 1, 84, 6400)],
        /task looks like object detection \(by its output output0 of \[1,84,6400\]\)/,
      ],
      [image, [float('output0', 1, 25200, 85)], /object detection/],
      [
        float('image', 3, 'h', 'w'),
        [float('boxes', 'n', 4), float('scores', 'n')],
        /object detection \(by its output boxes/,
      ],
      [float('x', 'b', 24, 10), [float('y', 'b', 24, 5)], /a sequence \(by its output y of \["b",24,5\]\)/],
      [image, [float('image_embeds', 'b', 500)], /an embedding \(by its output image_embeds/],
      [image, [float('last_hidden_state', 'b', 257, 768), float('pooled', 'b', 768)], /an embedding/],
    ] as const) {
      const folder = folderOf(graphOf([input], [...outputs]));
      await assert.rejects(initModel(join(folder, 'model.onnx'), {}), ({ message }: Error) => {
        assert.match(message, says);
        assert.match(message, /, which is not supported\. Supported are scene-classification, /);
        return true;
      });
      assert.deepEqual(readdirSync(folder), ['model.onnx']);
    }
    const columns = drafted('../scikit-learn/names-columns.onnx');
    await assert.rejects(columns, /found the outputs output_label, ssetosa, .*options=\{"zipmap": False\}/);
  });

  test('of several dates lists the bands of all of them', async () => {
    for (const [dimensions, orders] of [
      [
        ['b', 4, 3],
        ['batch', 'time', 'feature'],
      ],
      [
        ['b', 4, 3, 8, 8],
        ['batch', 'bands', 'time', 'height', 'width'],
      ],
    ] as const) {
      const folder = folderOf(graphOf([{ name: 'x', dimensions }], [{ name: 'y', dimensions: ['b', 1] }]));
      await initModel(join(folder, 'model.onnx'), { task: 'regression', json: true });
      finish(folder, {});
      const item = read(folder, 'item.json');
      const [input] = item.properties['mlm:input'];
      assert.deepEqual([input.input.shape, item.properties.bands.length], [[-1, ...dimensions.slice(1)], 12]);
      assert.match(input.input.dim_order, /^TODO: .*"time" beside "bands"/);
      input.input.dim_order = orders;
      input.bands = item.properties.bands.map((_: Json, i: number) => `B${i}`);
      item.properties.bands = input.bands.map((name: string) => ({ name, data_type: 'float32' }));
      write(folder, 'item.json', item);
      const { bands, tensor } = await readPackageFolder(folder);
      assert.deepEqual([bands.length, tensor.split], [12, [4, 3]]);
    }
  });

  test('states the one number a chip that a graph gives without a dimension of its own', async () => {
    const folder = folderOf(graphOf([{ name: 'x', dimensions: ['n', 6] }], [{ name: 'y', dimensions: ['n'] }]));
    await initModel(join(folder, 'model.onnx'), { json: true });
    const [{ tasks, result }] = read(folder, 'item.json').properties['mlm:output'];
    assert.deepEqual([tasks, result.shape, result.dim_order], [['regression'], [-1, 1], ['batch', 'class']]);
  });

  test('lists no bands where the sizes of an input would be more than a package may have', async () => {
    const folder = folderOf(
      graphOf([{ name: 'x', dimensions: ['b', 512, 768] }], [{ name: 'y', dimensions: ['b', 1] }]),
    );
    await initModel(join(folder, 'model.onnx'), { task: 'regression', json: true });
    assert.equal(read(folder, 'item.json').properties.bands.length, 1);
  });

  for (const [task, input, output, says] of [
    [
      'regression',
      {},
      { dimensions: ['n', 3] },
      /found its output y of \["n",3\] of the type float32, allowed is .*\[batch, 1\].* Gather/,
    ],
    ['regression', {}, { type: 'int64' }, /of the type int64, allowed is one of float with one value for each chip/],
    ['classification', {}, { dimensions: ['n', 3, 1, 1] }, /found the outputs y, allowed is .*a Reshape at its end/],
    [
      undefined,
      { type: 'bool' },
      {},
      /found its input x of \["n",6\] of the type bool, allowed are uint8, .* add a Cast/,
    ],
  ] as const)
    test(`is not made for a ${task ?? 'guess'} that ${JSON.stringify({ ...input, ...output })} cannot be`, async () => {
      const graph = graphOf(
        [{ name: 'x', dimensions: ['n', 6], ...input }],
        [{ name: 'y', dimensions: ['n', 1], ...output }],
      );
      const folder = folderOf(graph);
      const { code, stderr } = await swathHere(
        ['model', 'init', 'model.onnx', ...(task ? ['--task', task] : [])],
        folder,
      );
      assert.equal(code, 2);
      assert.match(stderr, says);
      assert.deepEqual(readdirSync(folder), ['model.onnx']);
    });

  test('has the task of another name that docs have for it', async () => {
    for (const [name, task] of [
      ['segmentation', 'semantic-segmentation'],
      ['classification', 'scene-classification'],
      ['multi-label', 'multi-label-classification'],
    ] as const) {
      const pixels = name === 'segmentation' ? [8, 8] : [];
      const graph = graphOf(
        [{ name: 'x', dimensions: ['n', 3, 8, 8] }],
        [{ name: 'y', dimensions: ['n', 4, ...pixels] }],
      );
      const folder = folderOf(graph);
      const { code, stderr } = await swathHere(['model', 'init', 'model.onnx', '--task', name], folder);
      assert.deepEqual([code, stderr], [0, '']);
      assert.deepEqual(read(folder, 'item.json').properties['mlm:tasks'], [task]);
    }
  });

  test('of several outputs, says which is used', async () => {
    const outputs = ['features', 'logits'].map((name, i) => ({ name, dimensions: ['b', [128, 5][i]!] }));
    const image = { name: 'image', dimensions: ['b', 3, 64, 64] };
    const { code, stdout } = await swathHere(['model', 'init', 'model.onnx'], folderOf(graphOf([image], outputs)));
    assert.equal(code, 0);
    assert.match(stdout, /Of its outputs \(features, logits\), logits is used\./);
  });

  test('of a model whose weights are in a file beside it names that file, and explains what to do without it', async () => {
    const { graph, data } = dataBeside(readFileSync(DIGITS));
    const folder = folderOf(graph);
    await assert.rejects(initModel(join(folder, 'model.onnx'), {}), ({ message }: Error) => {
      assert.match(
        message,
        /its data outside of the model \("model\.onnx\.data"\), allowed is .* and use whole\.onnx$/,
      );
      return true;
    });
    writeFileSync(join(folder, DATA_FILE), data);
    await initModel(join(folder, 'model.onnx'), { json: true });
    assert.deepEqual(read(folder, 'item.json').assets.weights, WEIGHTS);
  });

  test('of a model with external data names a command that puts them inside', async (t) => {
    const folder = mkdtempSync(join(work, 'outside-'));
    const python = (code: string) => spawnSync('python3', ['-c', code], { cwd: folder, encoding: 'utf8' });
    if (python('import onnx').status !== 0) return t.skip('NOT TESTED: Python has no package onnx here');
    const { graph, data } = dataBeside(readFileSync(DIGITS), 'x_data');
    for (const [name, bytes] of [
      ['model.onnx', graph],
      ['x_data', data],
    ] as const)
      writeFileSync(join(folder, name), bytes);
    assert.equal(python('import onnx; onnx.save(onnx.load("model.onnx"), "whole.onnx")').status, 0);
    return initModel(join(folder, 'whole.onnx'), { json: true });
  });

  test('does not overwrite existing files', async () => {
    const folder = await drafted('one_output_sigmoid_red_detector.onnx');
    await assert.rejects(initModel(join(folder, 'model.onnx'), {}), {
      name: 'WrongUse',
      message: /has item\.json and reference\.json and README\.md already/,
    });
  });

  test('is refused for a file that is no model, and for an example without bands', async () => {
    const none = folderOf(Buffer.from('nothing'));
    await assert.rejects(initModel(join(none, 'model.onnx'), {}), InvalidModelPackage);
    const example = new URL('../../samples/droughtwatch/part-r-00012', import.meta.url).pathname;
    await assert.rejects(drafted('one_output_sigmoid_red_detector.onnx', { example }), /--example takes a raster/);
  });
});

test('a model in the folder of a version is named after the folder around it', async () => {
  const folder = join(work, 'clouds', '2.1.0');
  mkdirSync(folder, { recursive: true });
  cpSync(DIGITS, join(folder, 'model.onnx'));
  await initModel(join(folder, 'model.onnx'), { json: true });
  const { id, properties } = read(folder, 'item.json');
  assert.deepEqual([id, properties['mlm:name'], properties.version], ['clouds-2.1.0', 'clouds', '2.1.0']);
});

test('classes that the graph calls by whole numbers have these as their values', () => {
  const shape = ['', 3];
  const graph = (classes: string[]) => ({
    inputs: [{ name: 'x', type: 'float32', shape: ['', 4] }],
    outputs: [{ name: 'probabilities', type: 'float32', shape, operator: 'Normalizer' }],
    ...{ classes, opset: 20, producer: 'skl2onnx' },
  });
  const valuesOf = (classes: string[]) => {
    const [output] = draftPackage(graph(classes), ASKED).item.properties['mlm:output'] as {
      'classification:classes'?: { value: number }[];
    }[];
    return output!['classification:classes']!.map(({ value }) => value);
  };
  assert.deepEqual(valuesOf(['2', '0', '-1']), [2, 0, -1]);
  assert.deepEqual(valuesOf(['1', '2', 'other']), [0, 1, 2]);
  assert.deepEqual(valuesOf(['01', '02', '03']), [0, 1, 2]);
});
