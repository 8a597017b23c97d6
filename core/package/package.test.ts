import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Edit,
  editedItem,
  editedPackage,
  INPUT,
  isRefusedPackage,
  OUTPUT,
  PROPERTIES,
  readBaselineFile,
  readFrom,
} from '../../test/benches/packages.ts';
import { InvalidModelPackage, TransientTrouble } from '../base/errors.ts';
import { fromPlain, toPlain } from '../tasks/plainPackage.ts';
import { readModelPackage } from '../tasks/readModelPackage.ts';
import { MAX_FUNCTION_MB } from './runsOn.ts';
import { tensorShape } from './tensor.ts';
import validButBroken from './validButBroken.vectors.json' with { type: 'json' };

const reference = JSON.stringify({ classes: { 'cows-0': 1 } });

test('the bundled package reads as its item says', async () => {
  const model = await readModelPackage(readBaselineFile);
  assert.equal(model.name, 'droughtwatch-baseline');
  assert.equal(model.version, '1.0.0');
  assert.equal(model.artifact.file, 'model.onnx');
  assert.equal(model.source.bands.map(({ name }) => name).join(), 'B1,B2,B3,B4,B5,B6,B7,B8,B9,B10,B11');
  const near = { name: 'B5', dataType: 'uint8', bytesPerChip: 65 * 65, commonName: 'nir08' };
  assert.deepEqual(model.source.bands[4], near);
  assert.deepEqual(
    model.bands,
    ['B2', 'B3', 'B4', 'B5'].map((name, i) => ({ name, source: i + 1 })),
  );
  const dimensions = ['batch', 'height', 'width', 'bands'];
  assert.deepEqual(model.tensor, { dataType: 'float32', dimensions, batch: null, height: 65, width: 65 });
  assert.deepEqual(model.scaling, Array(4).fill({ type: 'scale', value: 255 }));
  const thresholds = [0.5, 0.5, 0.5, 0.5];
  const output = { dataType: 'float32', activation: null, thresholds, probabilities: false, pixels: null };
  assert.deepEqual(model.output, { name: 'dense_1', ...output });
  const classes = model.classes.map(({ name, value }) => `${value} ${name}`);
  assert.deepEqual(classes, ['0 cows-0', '1 cows-1', '2 cows-2', '3 cows-3plus']);
  assert.deepEqual(model.reference, [6002, 1511, 1512, 975]);
  assert.deepEqual([model.batchSize, model.blankMax, model.truth, model.resize], [16, 1, 'label', null]);
});

test('a package is plain data except for its task', async () => {
  const model = await editedPackage([
    [`${INPUT}/bands/0`, { name: 'NDVI', format: 'rio-calc', expression: '(B5 - B4) / (B4 + B5)' }],
  ]);
  const plain = toPlain(model);
  assert.deepEqual(JSON.parse(JSON.stringify(plain)), plain);
  assert.deepEqual(fromPlain(plain), model);
});

test('classes keep the order of the package, whatever their values', async () => {
  const classes = [
    { value: 7, name: 'water', description: '' },
    { value: -1, name: 'none', description: '' },
  ];
  const model = await editedPackage(
    [
      [`${OUTPUT}/classification:classes`, classes],
      [`${OUTPUT}/result/shape`, [-1, 2]],
    ],
    { classes: { none: 3, water: 5 }, note: 'other fields are for others' },
  );
  assert.deepEqual(model.classes, [
    { value: 7, name: 'water' },
    { value: -1, name: 'none' },
  ]);
  assert.deepEqual(model.reference, [5, 3]);
});

test('fields that are left out have defaults', async () => {
  const model = await editedPackage([
    [`${INPUT}/value_scaling`, undefined],
    [`${INPUT}/resize_type`, undefined],
    [`${INPUT}/pre_processing_function`, undefined],
    [`${OUTPUT}/post_processing_function`, undefined],
    [`${PROPERTIES}/mlm:batch_size_suggestion`, undefined],
    [`${PROPERTIES}/swath:blank_max`, undefined],
    [`${PROPERTIES}/swath:truth`, undefined],
  ]);
  assert.equal(model.overlap, 0);
  assert.deepEqual(model.scaling, Array(4).fill({ type: null }));
  assert.deepEqual([model.batchSize, model.blankMax, model.truth, model.resize], [64, null, null, null]);
  assert.equal(model.output.activation, null);
});

for (const [order, shape] of [
  [
    ['b', 'class'],
    [-1, 4],
  ],
  [
    ['N', 'C'],
    [-1, 4],
  ],
  [
    ['b', 'c', 'h', 'w'],
    [-1, 4, 65, 65],
  ],
  [
    ['n', 'rows', 'columns', 'c'],
    [-1, 65, 65, 4],
  ],
] as const)
  test(`an output may call its dimensions ${order.join(', ')}, as an input may`, async () => {
    const tasks = [order.length === 2 ? 'classification' : 'segmentation'];
    const { output } = await editedPackage([
      [`${OUTPUT}/result`, { shape, dim_order: order, data_type: 'float32' }],
      [`${OUTPUT}/tasks`, tasks],
      [`${PROPERTIES}/mlm:tasks`, tasks],
    ]);
    assert.equal(output.pixels?.channels, order.length === 2 ? undefined : 4);
  });

for (const { suggestion, fixed = -1, size } of [
  { suggestion: 0, size: 1 },
  { suggestion: 32, size: 32 },
  { suggestion: 100_000, size: 256 },
  { suggestion: 32, fixed: 1, size: 1 },
  { suggestion: 32, fixed: 256, size: 256 },
])
  test(`a suggested batch of ${suggestion} and a model that takes ${fixed} make batches of ${size}`, async () => {
    const model = await editedPackage([
      [`${PROPERTIES}/mlm:batch_size_suggestion`, suggestion],
      [`${INPUT}/input/shape/0`, fixed],
    ]);
    assert.equal(model.batchSize, size);
    assert.equal(model.tensor.batch, fixed === -1 ? null : fixed);
  });

const GPU_ONLY = { accelerator: 'cuda', accelerator_constrained: true };
const MORE_THAN_A_FUNCTION = { memory_size: MAX_FUNCTION_MB * 1024 ** 2 + 1 };
for (const [says, { runner, ...fields }, expected] of [
  ['nothing', {}, 'function on cpu'],
  ['a null accelerator', { accelerator: null, accelerator_constrained: false, memory_size: null }, 'function on cpu'],
  ['a GPU that it can do without', { accelerator: 'cuda', accelerator_constrained: false }, 'function on cpu'],
  ['a GPU that it needs', GPU_ONLY, 'batch on cuda'],
  ['another accelerator that it needs', { accelerator: 'xla', accelerator_constrained: true }, 'function on cpu'],
  ['as much memory as a function has', { memory_size: MAX_FUNCTION_MB * 1024 ** 2 }, 'function on cpu'],
  ['more memory than a function has', MORE_THAN_A_FUNCTION, 'batch on cpu'],
  ['the runner batch', { runner: 'batch' }, 'batch on cpu'],
  ['the runner batch and a GPU', { runner: 'batch', accelerator: 'cuda' }, 'batch on cuda'],
  ['the runner function and much memory', { runner: 'function', ...MORE_THAN_A_FUNCTION }, 'function on cpu'],
  ['a GPU for a model of another server', { ...GPU_ONLY, artifact_type: 'open-inference' }, 'function on cpu'],
  [
    'a GPU and much memory for a model of a server of another kind',
    { ...GPU_ONLY, ...MORE_THAN_A_FUNCTION, artifact_type: 'grpc' },
    'function on cpu',
  ],
] as [string, Record<string, unknown>, string][])
  test(`a package that names ${says} runs as: ${expected}`, async () => {
    const { artifact_type: type = 'onnx', ...ofModel } = fields;
    const model = await editedPackage([
      ['assets/model/mlm:artifact_type', type],
      [`${PROPERTIES}/swath:runner`, runner],
      ...Object.entries(ofModel).map(([name, value]): Edit => [`${PROPERTIES}/mlm:${name}`, value]),
    ]);
    assert.equal(`${model.runner} on ${model.device}`, expected);
  });

test('a model on another server is not run by a job', () =>
  assert.rejects(
    editedPackage([
      ['assets/model/mlm:artifact_type', 'open-inference'],
      [`${PROPERTIES}/swath:runner`, 'batch'],
    ]),
    /swath:runner: found "batch", allowed is "function" for a model on another server/,
  ));

test('large chips make small batches', async () => {
  const batchOf = async (height: number) => {
    const { batchSize } = await editedPackage([
      [`${INPUT}/input/shape`, [-1, height, 1024, 4]],
      [`${INPUT}/resize_type`, 'pad'],
      [`${PROPERTIES}/mlm:batch_size_suggestion`, 64],
      [`${PROPERTIES}/swath:source_shape`, [65, 65]],
    ]);
    return batchSize;
  };
  assert.deepEqual([await batchOf(100), await batchOf(1024), await batchOf(8192)], [40, 4, 1]);
});

test('"channel" is another word for "bands", and a softmax may follow logits', async () => {
  const model = await editedPackage([
    [`${INPUT}/input/dim_order`, ['batch', 'channel', 'height', 'width']],
    [`${INPUT}/input/shape`, [-1, 4, 65, 65]],
    [`${OUTPUT}/post_processing_function`, { format: 'swath', expression: 'softmax' }],
  ]);
  assert.deepEqual(model.tensor.dimensions, ['batch', 'bands', 'height', 'width']);
  assert.equal(model.output.activation, 'softmax');
});

const SHAPE = `${INPUT}/input/shape` as const;
const ORDER = `${INPUT}/input/dim_order` as const;

for (const word of ['feature', 'features', 'bands', 'channel'])
  test(`rows of numbers have a batch and a dimension called "${word}"`, async () => {
    const model = await editedPackage([
      [SHAPE, [-1, 4]],
      [ORDER, ['batch', word]],
    ]);
    const tensor = { dataType: 'float32', batch: null, dimensions: ['batch', 'bands'], height: 1, width: 1 };
    assert.deepEqual(model.tensor, tensor);
    assert.deepEqual([model.source.height, model.source.width], [1, 1]);
    assert.deepEqual(tensorShape(model.inputs[0]!, 7), [7, 4]);
  });

test('features and bands without names are numbered', async () => {
  const unnamed = [
    [`${PROPERTIES}/bands`, undefined],
    ['assets/model/bands', undefined],
    [`${INPUT}/bands`, undefined],
    [`${INPUT}/value_scaling`, undefined],
  ] as const;
  const row = await editedPackage([...unnamed, [SHAPE, [-1, 3]], [ORDER, ['batch', 'feature']]]);
  const bands = row.source.bands.map(({ name, dataType }) => `${name} ${dataType}`);
  assert.deepEqual(bands, ['f0 float32', 'f1 float32', 'f2 float32']);
  assert.deepEqual(row.bands[2], { name: 'f2', source: 2 });
  const picture = await editedPackage([
    ...unnamed,
    [SHAPE, [-1, 2, 9, 9]],
    [ORDER, ['batch', 'channel', 'height', 'width']],
  ]);
  assert.equal(picture.bands.map(({ name }) => name).join(), 'b0,b1');
});

for (const { says, edits, size, shape = [-1, -1] } of [
  { says: 'nothing', edits: [], size: [256, 256] },
  { says: 'a height', edits: [], shape: [65, -1], size: [65, 256] },
  { says: 'multiples of 32', edits: [['swath:multiple', 32]], size: [256, 256] },
  { says: 'multiples of 48', edits: [['swath:multiple', 48]], size: [240, 240] },
  { says: 'multiples of 300', edits: [['swath:multiple', 300]], size: [300, 300] },
  { says: 'the size of chips', edits: [['swath:chip_shape', [128, 64]]], size: [128, 64] },
  {
    says: 'both',
    edits: [
      ['swath:chip_shape', [96, 64]],
      ['swath:multiple', 32],
    ],
    size: [96, 64],
  },
] as const)
  test(`a model that takes any size and specifies ${says} gets chips of ${size.join(' × ')}`, async () => {
    const { tensor, source, overlap } = await editedPackage([
      [SHAPE, [-1, ...shape, 4]],
      ...edits.map(([key, value]) => [`${PROPERTIES}/${key}`, value] as const),
      [`${PROPERTIES}/swath:overlap`, 16],
    ]);
    assert.deepEqual([tensor.height, tensor.width], size);
    assert.deepEqual([source.height, source.width], size);
    assert.equal(overlap, 16);
  });

/** A regression of pixels: chips of 64 × 64, and an output of the given size. */
const pixelModel = (result: readonly number[], overlap?: number) =>
  editedPackage(
    [
      [SHAPE, [-1, 64, 64, 4]],
      [`${OUTPUT}/tasks`, ['regression']],
      [`${OUTPUT}/classification:classes`, []],
      [`${OUTPUT}/result`, { shape: [-1, ...result], dim_order: ['batch', 'height', 'width'], data_type: 'float32' }],
      [`${PROPERTIES}/swath:overlap`, overlap],
    ],
    { provisional: true },
  );

for (const [factor, side, overlap] of [
  [2, 32, 32],
  [4, 16, 48],
  [16, 4, 60],
] as const)
  test(`an output with 1/${factor} of the chip's pixels along each side is refused, as it may be coarser`, async () => {
    await isRefusedPackage(
      pixelModel([side, side]),
      `properties.mlm:output[0].result.shape: found "${side} × ${side} pixels", allowed is the chip's 64 × 64 pixels. If each of these stands for ${factor} × ${factor} of the chip's, bring them to its size in the graph (a Resize at its end); if they are the middle of the chip, say so by a swath:overlap of at least `,
    );
    const { output } = await pixelModel([side, side], overlap);
    assert.deepEqual(output.pixels?.margin, { top: overlap / 2, left: overlap / 2 });
  });

test('an output smaller than the chip is its middle, if it is smaller by no whole factor', async () => {
  for (const [height, width, top, left] of [
    [48, 48, 8, 8],
    [64, 32, 0, 16],
    [32, 16, 16, 24],
  ] as const) {
    const { output } = await pixelModel([height, width]);
    assert.deepEqual(output.pixels?.margin, { top, left });
  }
});

test('a package abstains only if it has prediction sets', async () => {
  const reference = JSON.parse(new TextDecoder().decode(await readBaselineFile('reference.json')));
  const packageWith = (calibration: object, value: unknown = true) =>
    editedPackage([[`${PROPERTIES}/swath:abstain`, value]], { ...reference, calibration });
  const calibration = { chips: 500, right: 400 };
  assert.equal((await packageWith({ ...calibration, threshold: 0.7 })).abstains, true);
  assert.equal((await packageWith(calibration, false)).abstains, undefined);
  await assert.rejects(packageWith(calibration), {
    message:
      'item.json: properties.swath:abstain: found true, allowed is false, or a classifier with prediction sets: first "swath model calibrate", which writes calibration.threshold into reference.json, then this',
  });
});

test('the refusal of an output names the task that is unknown', async () => {
  const tasks = ['feature-extraction'];
  const edits = [`${OUTPUT}/tasks`, `${PROPERTIES}/mlm:tasks`].map((path): Edit => [path, tasks]);
  await isRefusedPackage(
    editedPackage([...edits, [`${OUTPUT}/classification:classes`, []]]),
    'classification:classes: found [], allowed is a list of classes, at least one, for a classification, as the task feature-extraction is not supported',
  );
});

const CLASSES = `${OUTPUT}/classification:classes`;
const called = (...names: string[]): Edit[] => names.map((name, i) => [`${CLASSES}/${i}/name`, name]);

test('a class whose name has no Latin letter or digit has its value as key, and keeps its name as title', async () => {
  const reference = { classes: { 水: 1, 'class-1': 2, 'cows-2': 3, 'Лес 3': 4 } };
  const { classes, reference: counts } = await editedPackage(called('水', 'Лес', 'cows-2', 'Лес 3'), reference);
  assert.deepEqual(
    classes.map(({ name, title }) => [name, title]),
    [
      ['class-0', '水'],
      ['class-1', 'Лес'],
      ['cows-2', undefined],
      ['3', 'Лес 3'],
    ],
  );
  assert.deepEqual(counts, [1, 2, 3, 4]);
});

for (const [names, found] of [
  [['Лес 2', 'Вода 2'], '["Лес 2 (2)","Вода 2 (2)"]'],
  [['class-1', '水'], '["class-1","水 (class-1)"]'],
  [['Forêt', 'Foret'], '["Forêt (Foret)","Foret"]'],
] as const)
  test(`the class names ${names.join(' and ')} are refused, as their keys are the same`, () =>
    isRefusedPackage(
      editedPackage(called(...names)),
      `properties.mlm:output[0].classification:classes: found ${found}, allowed is each name and value once`,
    ));

test('a class name of spaces is refused', () =>
  isRefusedPackage(editedPackage(called(' ')), 'classification:classes[0].name: found " ", allowed is a name'));

test('a class name that is too long for a metric when it is percent-encoded is refused', async () => {
  await isRefusedPackage(
    editedPackage(called('森'.repeat(114))),
    'allowed is a name of at most 1024 characters when percent-encoded for metrics, such as nine for "森"',
  );
});

test('a package whose chips get the most probable class has no threshold', async () => {
  const message =
    /^item\.json: properties\.swath:thresholds: found .*, allowed is none: labels have one, and pixels beside a background\. swath:abstain leaves out what is unsure$/;
  const by = (expression: string): Edit => [`${OUTPUT}/post_processing_function`, { format: 'swath', expression }];
  await assert.rejects(editedPackage([[`${PROPERTIES}/swath:thresholds`, 0.9]]), { message });
  await assert.rejects(editedPackage([by('threshold(0.9)')]), { message });
  const counts = { chips: 10, classes: { 'cows-0': 1, 'cows-1': 1, 'cows-2': 1, 'cows-3plus': 1 } };
  const labels = await editedPackage([by('sigmoid, threshold(0.9)')], counts);
  assert.deepEqual(labels.output.thresholds, [0.9, 0.9, 0.9, 0.9]);
});

test('a softmax of one number for two classes is refused, as it is always 1', () =>
  assert.rejects(
    editedPackage(
      [
        [`${OUTPUT}/classification:classes`, ['no', 'yes'].map((name, value) => ({ name, value }))],
        [`${OUTPUT}/result/shape`, [-1, 1]],
        [`${OUTPUT}/post_processing_function`, { format: 'swath', expression: 'softmax' }],
      ],
      { classes: { no: 1, yes: 1 } },
    ),
    { message: /post_processing_function: found "a softmax", allowed is a sigmoid, or null for a probability/ },
  ));

test('files are told apart by one pattern or several, of which each name has a list', async () => {
  const segmentsOf = async (segments: unknown) =>
    (await editedPackage([[`${PROPERTIES}/swath:segments`, segments]])).segments;
  const segments = { sensor: 'S2?', tile: ['T?????', '??????'] };
  assert.deepEqual(await segmentsOf(segments), { sensor: ['S2?'], tile: ['T?????', '??????'] });
  for (const wrong of [
    { sensor: 'S2*' },
    { sensor: '' },
    { sensor: [] },
    { door: 'S2?' },
    { a: 'a', b: 'b', c: 'c', d: 'd', e: 'e' },
  ])
    await assert.rejects(segmentsOf(wrong), /swath:segments/, JSON.stringify(wrong));
});

test('chips are told apart by values of a feature that is passed through, which the package lists', async () => {
  const packageWith = (...[column, values]: unknown[]) =>
    editedPackage([
      [`${PROPERTIES}/swath:carry`, ['crop', 'soil']],
      [`${PROPERTIES}/swath:segments`, { sensor: 'S2?', crop: { column, values } }],
    ]);
  const { segments, chipSegments } = await packageWith('crop', ['maize', 'wheat']);
  assert.deepEqual(
    [segments, chipSegments],
    [{ sensor: ['S2?'] }, { crop: { column: 'crop', values: ['maize', 'wheat'] } }],
  );
  const many = Array.from({ length: 21 }, (_, i) => `crop ${i}`);
  for (const [column, values, message] of [
    [
      'corp',
      ['maize'],
      'properties.swath:segments.crop.column: found "corp", allowed is a feature of swath:carry (crop, soil)',
    ],
    ['crop', ['maize', 'maize'], 'properties.swath:segments.crop.values: found ["maize"], allowed is each value once'],
    ['crop', many, '{"column": a feature of swath:carry, "values": up to 20 texts}, or {"polygons": a GeoJSON file, '],
  ] as const)
    await assert.rejects(packageWith(column, values), ({ message: found }: Error) => {
      assert.ok(found.includes(message), found);
      return true;
    });
});

test('chips are told apart by a file of polygons inside the package', async () => {
  const cover = { polygons: '../landcover.geojson', property: 'class', values: ['forest', 'forest'] };
  await isRefusedPackage(
    editedPackage([[`${PROPERTIES}/swath:segments`, { cover }]]),
    'properties.swath:segments.cover.values: found ["forest"], allowed is each value once',
    'cover.polygons: found "../landcover.geojson", allowed is a file inside the package, like "landcover.geojson"',
  );
});

test('if a model has several formats, the ONNX one is used', async () => {
  const model = await editedPackage([
    ['assets/torch', { href: './model.pt', roles: ['mlm:model'], 'mlm:artifact_type': 'torch.save' }],
    ['assets/model/href', 'weights/v1.onnx'],
  ]);
  assert.equal(model.artifact.file, 'weights/v1.onnx');
});

/**
 * Edits of the bundled baseline that leave `item.json` valid by the official JSON schemas of STAC 1.1 and MLM 1.5 (and
 * of the other extensions it names), yet make a package that cannot run; with the words that refuse it.
 */
for (const { what, edits, says } of validButBroken)
  test(`refused although the official schemas accept it: ${what}`, () =>
    isRefusedPackage(editedPackage(edits.map(([path, value]): Edit => [String(path), value])), 'item.json: ', says));

for (const [path, value, says] of [
  ['type', 'FeatureCollection', 'type: found "FeatureCollection", allowed is "Feature"'],
  ['stac_version', '0.9.0', 'stac_version: found "0.9.0", allowed is "1.1.0" or "1.0.0"'],
  ['stac_extensions', [], 'allowed is the schema of MLM 1.4 to 1.6, such as "https://'],
  ['id', '', 'id: found "", allowed is a text that is not empty'],
  ['bbox', undefined, 'bbox: found nothing, allowed is four or six numbers beside a geometry'],
  ['geometry', null, 'nothing beside a geometry of null'],
  ['links', {}, 'links: found {}, allowed is a list of links'],
  ['assets', [], 'assets: found [], allowed is an object of assets'],
  ['assets/model/roles', ['data'], 'allowed is one asset with the role "mlm:model"'],
  ['properties/datetime', '29 July', 'datetime: found "29 July", allowed is a time in UTC'],
  ['properties/datetime', null, 'allowed is a datetime, or start_datetime and end_datetime'],
  ['properties/mlm:name', '…', 'properties.mlm:name: found "…", allowed is a text with letters'],
  ['properties/mlm:name', 'a'.repeat(65), 'makes a file name, of at most 64'], // cut, it could be another model's
  ['properties/mlm:output', [], 'properties.mlm:output[0]: found nothing, allowed is a model output object'],
  [
    `${INPUT}/bands/0`,
    { name: 'NDVI', expression: 'B4' },
    'properties.mlm:input[0].bands[0]: found {"name":"NDVI","expression":"B4"}, allowed is format and expression together',
  ],
] as const)
  test(`refused as the official schemas do: ${path} ${JSON.stringify(value)}`, () =>
    isRefusedPackage(editedPackage([[path, value]]), says));

test('all problems are reported at once', async () => {
  const edits = [
    ['id', 7],
    [`${PROPERTIES}/version`, 2],
  ] as const;
  await assert.rejects(editedPackage(edits), {
    message: 'item.json: id: found 7, allowed is a text; properties.version: found 2, allowed is a text',
  });
  const later = [
    [`${INPUT}/bands/0`, 'B0'],
    [`${OUTPUT}/result/shape`, [-1, 5]],
  ] as const;
  await assert.rejects(editedPackage(later), /bands\[0\]: found "B0".*; .*result\.shape: found \[-1,5\]/);
});

test('a shape of the wrong length is one problem, not one for each size', async () => {
  await assert.rejects(editedPackage([[`${INPUT}/input/shape`, [65, 65, 4]]]), {
    message:
      'item.json: properties.mlm:input[0].input.shape: found [65,65,4], allowed is one size for each of batch, height, width, bands',
  });
});

for (const [classes, says] of [
  [{ 'cows-4': 1 }, 'classes: found "cows-4", allowed is one of the model\'s classes (cows-0,'],
  [{ 'cows-0': 0.5 }, 'classes.cows-0: found 0.5, allowed is a whole number, 0 or more'],
  [{ 'cows-0': -1 }, 'classes.cows-0: found -1, allowed is'],
  [{ 'cows-0': 0 }, 'classes: found {"cows-0":0}, allowed is counts of which at least one'],
  [[0.6, 0.4], 'classes: found [0.6,0.4], allowed is an object of counts by class name'],
] as const)
  test(`a reference is refused: ${says}`, () =>
    isRefusedPackage(editedPackage([], { classes }), 'reference.json: ', says));

test('a class may have the name of an Object property, with or without counts in the reference', async () => {
  const edits = [
    [`${OUTPUT}/classification:classes/0/name`, 'constructor'] as const,
    [`${OUTPUT}/classification:classes/1/name`, 'toString'] as const,
  ];
  assert.deepEqual((await editedPackage(edits, { classes: { toString: 7, 'cows-2': 4 } })).reference, [0, 7, 4, 0]);
  const json: unknown = JSON.parse('{"classes": {"cows-0": 1, "__proto__": 5}}');
  await assert.rejects(editedPackage([], json), /classes: found "__proto__", allowed is one of the model's classes/);
});

test('a reference may leave classes out', async () => {
  assert.deepEqual((await editedPackage([], { classes: { 'cows-2': 4 } })).reference, [0, 0, 4, 0]);
});

test('a file that is missing or not JSON is refused by name', async () => {
  const item = JSON.stringify(await editedItem());
  const refused = (files: Record<string, string | Uint8Array>, message: RegExp) =>
    assert.rejects(readModelPackage(readFrom(files)), { name: 'InvalidModelPackage', message });
  await refused({}, /^item\.json: found no such file, each package has one$/);
  await refused({ 'item.json': item }, /^reference\.json: found no such file/);
  await refused({ 'item.json': '{"type": ' }, /^item\.json: found no JSON in UTF-8 \(/);
  await refused({ 'item.json': Uint8Array.of(0x22, 0xff, 0x22) }, /^item\.json: found no JSON in UTF-8 \(/);
  await refused(
    { 'item.json': '[]', 'reference.json': reference },
    /^item\.json: the file: found \[\], allowed is a STAC Item$/,
  );
});

test('a read error is passed on, not reported as an invalid package', async () => {
  const trouble = new TransientTrouble('slow down');
  await assert.rejects(
    readModelPackage(() => Promise.reject(trouble)),
    (error) => error === trouble,
  );
});

test('any value in any field gives a package or an InvalidModelPackage error', async () => {
  const paths = pathsOf(await editedItem());
  const json = fc.oneof(fc.jsonValue(), fc.constantFrom(-1, 0, 1, 4, 65, 1e9, 'B4', 'batch', null, undefined));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), json, async (path, value) => {
      await editedPackage([[path, value]]).catch((error: unknown) => {
        assert.ok(error instanceof InvalidModelPackage, String(error));
      });
    }),
    { numRuns: 500 },
  );
});

/** The place of every value in a JSON document. */
function pathsOf(json: unknown): string[] {
  if (typeof json !== 'object' || json === null) return [];
  return Object.entries(json).flatMap(([key, value]) => [key, ...pathsOf(value).map((path) => `${key}/${path}`)]);
}
