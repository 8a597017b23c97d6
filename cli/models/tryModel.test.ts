import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MAX_MODEL_BYTES, MAX_PACKAGE_TEXT_BYTES } from '../../core/base/limits.ts';
import { OWN_KEYS } from '../../core/package/item.ts';
import { readModelPackage } from '../../core/tasks/readModelPackage.ts';
import { BASELINE, type Edit, editedItem, INPUT, PROPERTIES, readFrom } from '../../test/benches/packages.ts';
import { type LoopBody, roundOf } from '../../test/loopingModel.ts';
import { indicesPackage } from '../../test/models/buildIndices.ts';
import { WEIGHTS } from '../../test/models/dataBeside.ts';
import { encodeOnnx, type OnnxGraph, type OnnxNode } from '../../test/models/onnx.ts';
import { temporaryFolder } from '../../test/swath.ts';
import { swathHere } from '../../test/swathHere.ts';
import { sized } from '../../test/tfrecord.ts';
import { tryHere } from './modelTrial.ts';
import { tryWithin } from './tryModel.ts';

/** The package of indices, with other models in it. */
const [BANDS, CLASSES] = [2, 4];
const files = indicesPackage();
const model = await readModelPackage(readFrom(files));
const LOGITS = 'logits = MatMul given dense';
const LOGITS_UNEVEN = 'logits = MatMul given uneven';
const SOFTMAX = step('probabilities = Softmax logits', { axis: -1 });
const plenty = { maxSeconds: 60, maxBytes: 2 * 1024 ** 3 };

describe('a model in its trial', () => {
  test('classifies a batch, and reports how much memory it takes: its weights, and not what a process with the runtime takes anyway', async () => {
    const weights = { name: 'weights', dimensions: [8_000_000], values: new Array<number>(8_000_000).fill(1) };
    const graph = graphOf('unit = ReduceMean weights', 'given = Mul mean unit', LOGITS, SOFTMAX);
    const heavy = encodeOnnx({ ...graph, constants: [...graph.constants, weights] });
    const { bytes: least, chips } = (await tryWithin(model, files['model.onnx'] as Uint8Array, plenty)).memory;
    const { bytes: most } = (await tryWithin(model, heavy, plenty)).memory;
    assert.equal(chips, model.batchSize);
    assert.ok(least > 0 && least < 40e6, `${least} bytes`);
    assert.ok(most - least > 20e6, `32 MB of weights: ${least} bytes without, ${most} with them`);
  });

  test('that gives probabilities, of which the package would make others, is refused', async () => {
    const twice = { ...model, output: { ...model.output, activation: 'softmax' as const } };
    await assert.rejects(tryWithin(twice, files['model.onnx'] as Uint8Array, plenty), {
      name: 'InvalidModelPackage',
      message: /post_processing_function: found “softmax”, allowed is null: the graph ends with Softmax already$/,
    });
  });

  test('that goes round in a circle is stopped when its time is over', async () => {
    await assert.rejects(
      tryWithin(model, loopOf({ operator: 'Neg', inputs: ['given'] }), { ...plenty, maxSeconds: 1 }),
      {
        name: 'ModelTrialFailed',
        message:
          'model.onnx: loading the model and classifying one batch took more than 1 seconds, so the trial was stopped. Make the model smaller, or its batches, with mlm:batch_size_suggestion.',
      },
    );
  });

  test('that grows without end is stopped when its memory is used up', async () => {
    const doubling: LoopBody = { operator: 'Concat', inputs: ['given', 'given'], attributes: { axis: 0 } };
    await assert.rejects(tryWithin(model, loopOf(doubling), { ...plenty, maxBytes: 256 * 1024 ** 2 }), {
      name: 'ModelTrialFailed',
      message: /^model\.onnx: loading the model and classifying one batch took more than 268435456 bytes of memory, so/,
    });
  });

  for (const [what, nodes, says] of [
    [
      'no number',
      ['nothing = Sub mean mean', 'given = Div nothing nothing'],
      /^model\.onnx: found NaN for each of 64 chips of ordinary values, allowed is a finite number for each class\. See/,
    ],
    [
      'numbers that are infinite',
      ['nothing = Sub mean mean', 'given = Div seven nothing'],
      /^model\.onnx: found Infinity for each of 64 chips/,
    ],
    [
      'logits',
      ['given = Add mean huge'],
      /^model\.onnx: found 2e\+30 for one of 64 chips, allowed are probabilities from 0 to 1 that add up to 1 .*"softmax"}\.$/,
    ],
  ] as const)
    test(`that gives ${what} is refused`, async () => {
      const onnx = encodeOnnx(graphOf(...nodes, 'probabilities = MatMul given dense'));
      await assert.rejects(tryHere(model, onnx, { sample: null }), { name: 'InvalidModelPackage', message: says });
    });

  test('that takes from each chip the mean of its batch, as batch normalisation in training does, is refused', async () => {
    const ofBatch = step('ofBatch = ReduceMean mean', { axes: [0] });
    const onnx = encodeOnnx(graphOf(ofBatch, 'given = Sub mean ofBatch', LOGITS_UNEVEN, SOFTMAX));
    await assert.rejects(tryHere(model, onnx, { sample: null }), {
      name: 'InvalidModelPackage',
      message:
        /^model\.onnx: found [\d.e-]+ for a chip that is classified alone, and [\d.e-]+ for the same chip in a batch; allowed is one answer\. Export the model for inference/,
    });
  });

  for (const [what, ...nodes] of [
    ['a little of the mean of its batch', step('other = ReduceMean mean', { axes: [0] })],
    [
      'a little of the chips before it',
      step('axis = Cast zero', { to: 7 }),
      step('other = CumSum mean axis', { exclusive: 1 }),
    ],
    ['a little of chance', step('other = RandomNormalLike mean')],
  ] as const)
    test(`that adds ${what} to each chip is refused`, async () => {
      const onnx = encodeOnnx(
        graphOf(...nodes, 'part = Mul little other', 'given = Add mean part', LOGITS_UNEVEN, SOFTMAX),
      );
      await assert.rejects(tryHere(model, onnx, { sample: null }), {
        name: 'InvalidModelPackage',
        message:
          /^model\.onnx: found [\d.e-]+ for a chip that is classified (alone|once more), and .*allowed is one answer\./,
      });
    });

  test('that is quantised as it runs is tried for how much its numbers change with the other chips of a batch', async () => {
    const onnx = encodeOnnx(graphOf(...quantised('mean', 'given'), LOGITS_UNEVEN, SOFTMAX));
    const { apart } = await tryWithin(model, onnx, plenty);
    assert.ok(apart > 0.0001 && apart < 0.1, `${apart}`);
    assert.equal((await tryWithin(model, files['model.onnx'] as Uint8Array, plenty)).apart, 0);
  });

  test('that is quantised as it runs is refused if its numbers change with each run', async () => {
    const chance = [step('other = RandomNormalLike mean'), 'noisy = Add mean other', ...quantised('noisy', 'given')];
    await assert.rejects(tryHere(model, encodeOnnx(graphOf(...chance, LOGITS_UNEVEN, SOFTMAX)), { sample: null }), {
      name: 'InvalidModelPackage',
      message: /^model\.onnx: found [\d.e-]+ for a chip that is classified once more, and .*allowed is one answer\./,
    });
  });

  test('that has no number for chips without a value is fine: such chips are blank, or missing', async () => {
    const onnx = encodeOnnx(graphOf('given = Div mean mean', LOGITS, SOFTMAX));
    assert.equal((await tryHere(model, onnx, { sample: null })).chips, model.batchSize);
  });

  test('that fails while it classifies is refused, in the words of onnxruntime', async () => {
    const graph = graphOf(
      step('highest = ReduceMax mean', { keepdims: 0 }),
      'length = Add seven highest',
      step('shape = Cast length', { to: 7 }),
      'again = Reshape mean shape',
      'probabilities = MatMul again dense',
    );
    await assert.rejects(tryWithin(model, encodeOnnx(graph), plenty), {
      name: 'InvalidModelPackage',
      message: /^model\.onnx: onnxruntime cannot run it \(.*Reshape.*\)$/s,
    });
  });
});

describe('swath model check', () => {
  const cwd = temporaryFolder();
  const folder = join(cwd, 'package');
  const check = (...more: string[]) => swathHere(['model', 'check', 'package', ...more], cwd);

  beforeEach(() => {
    rmSync(folder, { recursive: true, force: true });
    cpSync(fileURLToPath(BASELINE), folder, { recursive: true });
  });

  test('says that a package is whole and runs, and writes nothing', async () => {
    const { stdout, ...ended } = await check();
    assert.deepEqual(ended, { code: 0, signal: null, stderr: '' });
    const lines = stdout.split('\n');
    assert.deepEqual(lines.slice(0, 2), [
      'droughtwatch-baseline 1.0.0 is whole and runs. Its classes: cows-0, cows-1, cows-2, cows-3plus.',
      'Its sample: cows-1, as it is stored.',
    ]);
    assert.match(
      lines.slice(2).join('\n'),
      /^It runs in the function infer \(inferMemory: at least about 2\d\d MB\)\. Estimate, measured on this machine: 1,000 chips take [\d.]+ s of a processor and cost \$0\.0000[\d]+; 1,000 km² at 10 m cost \$0\.000[\d]+\.\n$/,
    );
    const { engine, ...told } = JSON.parse((await check('--json')).stdout);
    assert.partialDeepStrictEqual(engine, { runner: 'function', device: 'cpu' });
    assert.ok(engine.secondsPer1000Chips > 0.1 && engine.secondsPer1000Chips < 30, engine.secondsPer1000Chips);
    assert.deepEqual(told, {
      name: 'droughtwatch-baseline',
      version: '1.0.0',
      task: 'classification',
      classes: ['cows-0', 'cows-1', 'cows-2', 'cows-3plus'],
      hasSample: true,
      notes: [],
    });
  });

  test('notes what works and may not be meant: a key that is not read, a class without a count, no model card', async () => {
    const blankMax = `${INPUT}/swath:blank_max` as const;
    const item = await editedItem([`${PROPERTIES}/swath:thruth`, 'label'], [blankMax, 1]);
    writeFileSync(join(folder, 'item.json'), JSON.stringify(item));
    const counts = { 'cows-0': 5, 'cows-1': 2, 'cows-3plus': 1 };
    writeFileSync(join(folder, 'reference.json'), JSON.stringify({ classes: counts }));
    rmSync(join(folder, 'README.md'));
    const { code, stdout, stderr } = await check();
    assert.deepEqual([code, stderr], [0, '']);
    const notes = [
      `item.json: properties has "swath:thruth", which is not read; known are ${OWN_KEYS.join(', ')}`,
      'item.json: "swath:blank_max" stands elsewhere than in properties, where it is not read',
      'reference.json: has no count for cows-2, so drift is measured as if none were expected',
      'README.md: there is none; a model card says where a model comes from and what it is for',
    ];
    assert.deepEqual(
      stdout.split('\n').slice(3, -1),
      notes.map((note) => `Note: ${note}.`),
    );
    assert.deepEqual(JSON.parse((await check('--json')).stdout).notes, notes);
  });

  test('notes that a model is quantised as it runs, and by how much its answers change', async () => {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    rmSync(join(folder, 'sample.json'));
    writeFileSync(
      join(folder, 'model.onnx'),
      encodeOnnx(graphOf(...quantised('mean', 'given'), LOGITS_UNEVEN, SOFTMAX)),
    );
    assert.match(
      (await check()).stdout,
      /\nNote: model\.onnx: is quantised as it runs, by one scale for all of a batch, so .* by up to 0\.\d+; quantised with fixed scales/,
    );
  });

  test('reports all problems of a file at once, each on its own line', async () => {
    const item = await editedItem([`${PROPERTIES}/datetime`, undefined], [`${PROPERTIES}/mlm:name`, 7]);
    writeFileSync(join(folder, 'item.json'), JSON.stringify(item));
    assert.deepEqual((await check()).stderr.split('\n'), [
      'swath: package: item.json:',
      '  properties.datetime: found nothing, allowed is a time in UTC like 2024-07-29T15:10:27Z',
      '  properties.mlm:name: found 7, allowed is a text',
      '',
    ]);
  });

  const location = sized(13, sized(1, Buffer.from('location')), sized(2, Buffer.from('/etc/passwd')));
  const damaged = readFileSync(new URL('model.onnx', BASELINE));
  damaged[damaged.length >> 1]! ^= 1;
  const external = sized(7, sized(5, location));
  for (const [what, damage, says] of [
    [
      'names a file outside',
      async () => {
        writeFileSync(join(folder, 'model.onnx'), external);
        await writeItem();
      },
      /outside of the model \(.*\/etc\/passwd/,
    ],
    [
      'has a model of which a byte is damaged',
      () => writeFileSync(join(folder, 'model.onnx'), damaged),
      /package: model\.onnx: found the file:checksum 1220[0-9a-f]{64}, allowed is 1220[0-9a-f]{64}, as item\.json has it\. Copy it anew if it is damaged/,
    ],
    [
      'has a model that is cut off',
      () => truncateSync(join(folder, 'model.onnx'), 1000),
      /package: model\.onnx: found the file:size 1000, allowed is 1032536, as item\.json has it\./,
    ],
    [
      'has weights beside the model with another checksum',
      () =>
        writeItem(['assets/weights', { ...WEIGHTS, href: './README.md', 'file:checksum': `1220${'0'.repeat(64)}` }]),
      /package: README\.md: found the file:checksum 1220[0-9a-f]{64}, allowed is 12200+, as item/,
    ],
    ['has no model', () => rmSync(join(folder, 'model.onnx')), /package: model\.onnx: found no such file, item\.json/],
    ['has a model that is too large', () => grow('model.onnx'), /model\.onnx: found 536870913 bytes, allowed/],
    ['has an item that is too large', () => grow('item.json'), /item\.json: found 1048577 bytes/],
    ['has a model card that is too large', () => grow('README.md'), /README\.md: found 1048577 bytes/],
    ['has a link out of it', () => link('reference.json'), /reference\.json: found a link to \/.*, allowed is a file/],
  ] as const)
    test(`refuses a package that ${what}`, async () => {
      await damage();
      const { code, stdout, stderr } = await check();
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, says);
    });

  test('takes the checksum of a hash that it does not know, and one in capitals', async () => {
    const { 'file:checksum': checksum } = JSON.parse(readFileSync(join(folder, 'item.json'), 'utf8')).assets.model;
    for (const stated of [checksum.toUpperCase(), `1e20${'0'.repeat(64)}`]) {
      await writeItem(['assets/model/file:checksum', stated]);
      assert.equal((await check()).code, 0);
    }
  });

  // Publish and classify read the files of a package in the same way: one file is enough for them.
  for (const [command, file] of [
    ...['README.md', 'item.json', 'reference.json', 'model.onnx'].map((name) => ['model check package', name] as const),
    ['model publish package', 'item.json'],
    ['classify --model package package/item.json.copy', 'item.json'],
  ] as const)
    test(`swath ${command} does not wait at a pipe in the place of ${file}`, { timeout: 30_000 }, async () => {
      rmSync(join(folder, file));
      execFileSync('mkfifo', [join(folder, file)]);
      cpSync(fileURLToPath(new URL('item.json', BASELINE)), join(folder, 'item.json.copy'));
      const { code, stderr } = await swathHere(command.split(' '), cwd);
      assert.equal(code, 2, stderr);
      assert.ok(stderr.endsWith(`package: ${file}: found a named pipe, allowed is a file\n`), stderr);
    });

  test('refuses a folder in the place of a file, be it the model card, which need not be there', async () => {
    rmSync(join(folder, 'README.md'));
    assert.equal((await check()).code, 0);
    mkdirSync(join(folder, 'README.md'));
    const { code, stderr } = await check();
    assert.deepEqual([code, stderr], [2, 'swath: package: README.md: found a folder, allowed is a file\n']);
  });

  test('publish refuses a model card that is a link out of the package: it would be for all to read', async () => {
    link('README.md');
    const { code, stderr } = await swathHere(['model', 'publish', 'package'], cwd);
    assert.equal(code, 2);
    assert.match(stderr, /README\.md: found a link to \//);
  });

  async function writeItem(...edits: Edit[]): Promise<void> {
    writeFileSync(join(folder, 'item.json'), JSON.stringify(await editedItem(...edits)));
  }

  /** One byte more than allowed, of which none takes room on the disk. */
  function grow(file: string): void {
    truncateSync(join(folder, file), (file === 'model.onnx' ? MAX_MODEL_BYTES : MAX_PACKAGE_TEXT_BYTES) + 1);
  }

  function link(file: string): void {
    rmSync(join(folder, file));
    symlinkSync(fileURLToPath(new URL(file, BASELINE)), join(folder, file));
  }
});

/** A model that does one thing over and over, for ever. */
function loopOf(body: LoopBody): Uint8Array {
  return encodeOnnx(
    graphOf(
      step('going = Cast one', { to: 9 }),
      { ...step('after = Loop  going mean'), body: roundOf(body) },
      'probabilities = MatMul after dense',
    ),
  );
}

/** A node of the graph, as in "output = Operator input input". */
function step(line: string, attributes: OnnxNode['attributes'] = {}): OnnxNode {
  const [output = '', , operator, ...inputs] = line.split(' ');
  return { operator: operator as OnnxNode['operator'], inputs, outputs: [output], attributes };
}

/** What onnxruntime's quantize_dynamic puts before a product. */
const quantised = (from: string, to: string): OnnxNode[] => [
  { operator: 'DynamicQuantizeLinear', inputs: [from], outputs: ['steps', 'scale', 'middle'] },
  step(`${to} = DequantizeLinear steps scale middle`),
];

function graphOf(...nodes: readonly (OnnxNode | string)[]): OnnxGraph {
  return {
    name: 'strange',
    inputs: [{ name: 'indices', dimensions: ['batch', 65, 65, BANDS] }],
    outputs: [{ name: 'probabilities', dimensions: ['batch', CLASSES] }],
    constants: [
      { name: 'one', dimensions: [], values: [1] },
      { name: 'zero', dimensions: [], values: [0] },
      { name: 'little', dimensions: [], values: [0.01] },
      { name: 'seven', dimensions: [1], values: [7] },
      { name: 'huge', dimensions: [], values: [1e30] },
      { name: 'uneven', dimensions: [BANDS, CLASSES], values: [9, 1, 5, 2, 3, 8, 4, 7] },
      { name: 'dense', dimensions: [BANDS, CLASSES], values: Array(BANDS * CLASSES).fill(1) },
    ],
    nodes: [
      step('mean = ReduceMean indices', { axes: [1, 2], keepdims: 0 }),
      ...nodes.map((node) => (typeof node === 'string' ? step(node) : node)),
    ],
  };
}
