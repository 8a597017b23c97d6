import assert from 'node:assert/strict';
import { parseMarkdown } from '../../../console/markdown.ts';
import { MAX_BANDS, MAX_BATCH_SIZE, MAX_CLASSES, MAX_VALUES_PER_CHIP } from '../../../core/base/limits.ts';
import { isSafeName } from '../../../core/base/names.ts';
import { checkOnnxFile } from '../../../core/inference/onnx/onnxFile.ts';
import type { ModelPackage } from '../../../core/package/package.ts';
import { parsePromoted } from '../../../core/releases/models.ts';
import { encodeServing, parseServing, takes } from '../../../core/releases/serving.ts';
import { toPlain } from '../../../core/tasks/plainPackage.ts';
import { readModelPackage } from '../../../core/tasks/readModelPackage.ts';
import { readBaselineFile, readFrom } from '../../benches/packages.ts';
import { indicesPackage } from '../../models/buildIndices.ts';
import { sized, varint } from '../../tfrecord.ts';
import type { Dice } from '../dice.ts';
import { damage, joined } from '../mutate/bytes.ts';
import { damageJson } from '../mutate/json.ts';
import { damageFields } from '../mutate/protobuf.ts';
import type { Target } from '../target.ts';

const indices = readFrom(indicesPackage());
const parsed = async (read: typeof indices, file: string) => JSON.parse(new TextDecoder().decode(await read(file)));
const ITEMS: unknown[] = [await parsed(readBaselineFile, 'item.json'), await parsed(indices, 'item.json')];
const REFERENCE = await readBaselineFile('reference.json');
const STRANGE_CLASSES = ['cows-0', 'constructor', 'toString', '__proto__'];

/** What every package that is taken fulfils, and what the service takes for granted afterwards. */
function checkPackage(model: ModelPackage): void {
  const { name, version, artifact, source, bands, scaling, tensor, classes, batchSize } = model;
  assert.ok(isSafeName(name) && isSafeName(version) && artifact.file.split('/').every(isSafeName));
  assert.ok(source.bands.length <= MAX_BANDS && bands.length <= MAX_BANDS && classes.length <= MAX_CLASSES);
  assert.equal(scaling.length, bands.length);
  const counts = model.task.reference(model);
  assert.equal(counts.length, classes.length);
  assert.ok(
    counts.every(({ count }) => Number.isSafeInteger(count) && count >= 0),
    `reference ${counts.map(({ count }) => count)}`,
  );
  assert.ok(Number.isInteger(batchSize) && batchSize >= 1 && batchSize <= MAX_BATCH_SIZE);
  for (const { height, width } of [source, tensor])
    assert.ok(height >= 1 && width >= 1 && height * width <= MAX_VALUES_PER_CHIP);
  for (const band of bands) assert.ok('plan' in band || source.bands[band.source] !== undefined);
  const plain = toPlain(model);
  assert.deepEqual(JSON.parse(JSON.stringify(plain)), plain, 'plain data but for the task');
}

export const item: Target = {
  name: 'item',
  limits: { share: 90, refuses: ['InvalidModelPackage'], bytesPerByte: 200 },
  make: (dice) => damageJson(dice.pick(ITEMS), dice),
  read: async (bytes) => {
    // Both references, so that a package of either kind can be whole.
    const attempts = [readBaselineFile, indices].map((read) =>
      readModelPackage((file) => (file === 'item.json' ? Promise.resolve(bytes) : read(file))),
    );
    const done = await Promise.allSettled(attempts);
    const whole = done.find((one) => one.status === 'fulfilled');
    if (whole !== undefined) return checkPackage(whole.value);
    throw (done[0] as PromiseRejectedResult).reason;
  },
};

const referenceItem = structuredClone(ITEMS[0]) as { properties: { 'mlm:output': Record<string, unknown>[] } };
const classObjects = (names: string[]) => names.map((name, value) => ({ name, value }));

/** References of a model whose classes are called like what every object has. */
export const reference: Target = {
  name: 'reference',
  limits: { share: 90, refuses: ['InvalidModelPackage'], bytesPerByte: 200 },
  make: (dice) => {
    const classes = Object.fromEntries(STRANGE_CLASSES.filter(() => dice.once(2)).map((name) => [name, dice.below(9)]));
    return damageJson({ classes, ...(dice.once(2) && { note: 'of a day' }) }, dice);
  },
  read: async (bytes) => {
    const names = STRANGE_CLASSES.slice(0, 3);
    const output = referenceItem.properties['mlm:output'][0]!;
    output['classification:classes'] = classObjects(names);
    output['result'] = { ...(output['result'] as object), shape: [-1, names.length] };
    const itemBytes = new TextEncoder().encode(JSON.stringify(referenceItem));
    checkPackage(await readModelPackage(async (file) => (file === 'item.json' ? itemBytes : bytes)));
  },
};

export const promoted: Target = {
  name: 'promoted',
  limits: { share: 60, refuses: ['InvalidModelPackage'], bytesPerByte: 200 },
  make: (dice) =>
    dice.once(4)
      ? damage(REFERENCE, dice)
      : damageJson({ version: '1.1.0', promotedAt: '2026-03-01T08:00:00.000Z', before: ['1.0.0', '0.9'] }, dice),
  read: (bytes) => {
    const { version, before, promotedAt } = parsePromoted('small/promoted.json', bytes);
    // They become folders of the model bucket.
    assert.ok([version, ...before].every(isSafeName), `${version}, ${before}`);
    assert.ok(promotedAt === null || !Number.isNaN(Date.parse(promotedAt)));
  },
};

export const serving: Target = {
  name: 'serving',
  limits: { share: 60, refuses: ['InvalidModelPackage'], bytesPerByte: 200 },
  make: (dice) => {
    const models = [
      { name: 'wheat' },
      { name: 'fire', accepts: ['south/*', '*.npy'], since: '2026-03-01T08:00:00.000Z' },
    ];
    return dice.once(4) ? damage(REFERENCE, dice) : damageJson({ models }, dice);
  },
  read: (bytes) => {
    const models = parseServing(bytes);
    assert.ok(models.length > 0 && models.every(({ name }) => isSafeName(name)), JSON.stringify(models));
    for (const one of models) {
      assert.ok(one.since === null || !Number.isNaN(Date.parse(one.since)));
      assert.equal(
        takes(one, 'south/a.npy'),
        one.accepts.some((pattern) => takes({ accepts: [pattern] }, 'south/a.npy')),
      );
    }
    assert.deepEqual(parseServing(encodeServing(models)), models);
  },
};

const MODELS = [await readBaselineFile('model.onnx'), await indices('model.onnx')].map(
  (bytes) => new Uint8Array(bytes),
);
const SMALLEST = MODELS.reduce((a, b) => (a.length < b.length ? a : b));
const text = (field: number, value: string) => sized(field, new TextEncoder().encode(value));
/** Ways from a model to a tensor, by the numbers of the fields. */
const WAYS = [
  [7, 5],
  [7, 15, 1],
  [7, 1, 5, 5],
  [7, 1, 5, 10],
  [7, 1, 5, 22, 2],
  [7, 1, 5, 6, 5],
  [7, 1, 5, 11, 1, 5, 5],
  [25, 7, 5, 5],
  [20, 1, 5],
];

function outsider(dice: Dice): Uint8Array {
  const marks = [
    sized(13, text(1, 'location'), text(2, '../../etc/passwd')),
    joined(varint(14 << 3), varint(dice.pick([1, 2n ** 32n + 1n]))),
  ];
  const tensor = joined(text(8, OUTSIDER), ...(dice.once(3) ? marks : [dice.pick(marks)]));
  return dice
    .pick(WAYS)
    .reduceRight<Uint8Array>(
      (content, field) => joined(...(dice.once(3) ? [sized(field)] : []), sized(field, content)),
      tensor,
    );
}

const OUTSIDER = 'the tensor that lies outside';

/**
 * ONNX models: what is taken has nothing of what the damage put into it. That a tensor lies outside shows by its name, which
 * is in the bytes as long as its message is whole.
 */
export const onnx: Target = {
  name: 'onnx',
  limits: { share: 90, refuses: ['InvalidModelPackage'] },
  make: (dice) => {
    const model = dice.once(60) ? dice.pick(MODELS) : SMALLEST;
    switch (dice.below(4)) {
      case 0:
        return dice.once(2) ? joined(model, outsider(dice)) : joined(outsider(dice), model);
      case 1:
        return damageFields(outsider(dice), dice);
      case 2:
        return damage(model, dice, MODELS);
      default:
        return damageFields(model, dice);
    }
  },
  read: (bytes) => {
    checkOnnxFile('model.onnx', bytes);
    const outside = outsideOf(bytes);
    assert.equal(outside, undefined, `data outside at ${outside}`);
  },
};

/** The slow, obvious reading: every way through the fields, whatever onnx.proto calls them. Undefined where nothing is outside. */
function outsideOf(bytes: Uint8Array): string | undefined {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!whole.includes(OUTSIDER)) return undefined;
  for (const way of WAYS) for (const content of contentsOf(whole, way)) if (isOutside(content)) return way.join('.');
  return undefined;
}

function contentsOf(message: Buffer, [field, ...rest]: number[]): Buffer[] {
  if (field === undefined) return [message];
  return (read(message) ?? []).flatMap(({ number, content }) =>
    number === field && content ? contentsOf(content, rest) : [],
  );
}

function isOutside(tensor: Buffer): boolean {
  return (read(tensor) ?? []).some(({ number, value }) => number === 13 || (number === 14 && value !== 0n));
}

type Entry = { number: number; value?: bigint; content?: Buffer };

function read(message: Buffer): Entry[] | undefined {
  const entries: Entry[] = [];
  let at = 0;
  const next = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  try {
    while (at < message.length) {
      const tag = next();
      const number = Number(tag >> 3n);
      const type = Number(tag & 7n);
      if (type === 0) entries.push({ number, value: BigInt.asIntN(32, next()) });
      else if (type === 1) at += 8;
      else if (type === 5) at += 4;
      else if (type === 2) {
        const length = Number(next());
        if (length > message.length - at) return undefined;
        entries.push({ number, content: message.subarray(at, at + length) });
        at += length;
      } else return undefined;
    }
  } catch {
    return undefined;
  }
  return entries;
}

/** Whoever opens the console reads the model's card. Every text has a meaning. */
export const card: Target = {
  name: 'card',
  // a paragraph of three bytes is four tokens
  limits: { share: 45, refuses: [], bytesPerByte: 1100 },
  make: (dice) => {
    const pieces = [
      ...'# ;- ;1. ;|;---|;`;**;*;_;[a](;![;](;> ;<;https://x;);    ;<b>;a'.split(';'),
      ...['\n', '\n\n', '```\n'],
    ];
    if (dice.once(3)) return damage(CARD, dice);
    const some = Array.from({ length: 1 + dice.below(4) }, () => dice.pick(pieces)).join('');
    const times = dice.once(25) ? Math.floor(40_000 / some.length) : 1 + dice.below(12);
    return new TextEncoder().encode(some.repeat(times) + dice.pick(pieces));
  },
  read: (bytes) => {
    const blocks = parseMarkdown(new TextDecoder().decode(bytes));
    for (const [, href] of JSON.stringify(blocks).matchAll(/"href":"([^"]*)/g)) assert.match(href!, /^https?:\/\//);
  },
};
const CARD = new Uint8Array(await readBaselineFile('README.md'));
