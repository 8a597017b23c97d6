import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readBaselineFile } from '../../test/benches/packages.ts';
import { InvalidModelPackage, ObjectNotFound, ObjectTooLarge, TransientTrouble } from '../errors.ts';
import { keepPromise, makeModels } from './models.ts';

const ref = { name: 'droughtwatch-baseline', version: '1.0.0' };

describe('the promoted version', () => {
  test('is the one that the bucket names, from one call to the next', async () => {
    let version = '1.0.0';
    const models = makeModels(async (key) => {
      assert.equal(key, 'droughtwatch-baseline/promoted.json');
      return json({ version, promotedAt: '2026-03-01T10:00:00.000Z' });
    }, ref.name);
    assert.deepEqual(await models.promoted(), ref);
    version = '1.1.0';
    assert.deepEqual(await models.promoted(), { ...ref, version: '1.1.0' });
  });

  for (const [written, known] of [
    ['2026-03-01T10:00:00.000Z', '2026-03-01T10:00:00.000Z'],
    ['last week', null],
    [undefined, null],
  ] as const)
    test(`is known since ${written}, if that is a time`, async () => {
      const models = makeModels(async () => json({ version: '1.0.0', promotedAt: written }), ref.name);
      assert.deepEqual(await models.promotion(), { ...ref, promotedAt: known, before: [] });
      assert.deepEqual(await models.promoted(), ref);
    });

  for (const [written, known] of [
    [
      ['0.9.0', '0.8.0'],
      ['0.9.0', '0.8.0'],
    ],
    [['0.9.0', 8], []],
    ['0.9.0', []],
  ])
    test(`came after ${JSON.stringify(written)}, if those are versions`, async () => {
      const models = makeModels(async () => json({ version: '1.0.0', before: written }), ref.name);
      assert.deepEqual((await models.promotion())?.before, known);
    });

  test('is missed by name where none is', async () => {
    const models = makeModels(() => Promise.reject(new ObjectNotFound('gone')), ref.name);
    assert.equal(await models.promotedOrNone(), null);
    await assert.rejects(models.promoted(), {
      name: 'NoModelPromoted',
      message:
        'No version of the model droughtwatch-baseline is promoted: droughtwatch-baseline/promoted.json does not exist.',
    });
  });

  test('is not taken for absent while the bucket has trouble', async () => {
    const models = makeModels(() => Promise.reject(new TransientTrouble('slow down')), ref.name);
    await assert.rejects(models.promotedOrNone(), TransientTrouble);
  });

  for (const content of [
    ...['', '{', '{}', '{"version":""}', '{"version":1}', 'null'],
    ...['../../other/1.0.0', '1.0.0/date=2026-01-01', '.', '-', '1.0.0\n', '<b>', 'x'.repeat(65)].map((version) =>
      JSON.stringify({ version }),
    ),
  ])
    test(`is not guessed from ${JSON.stringify(content)}`, async () => {
      const models = makeModels(async () => new TextEncoder().encode(content), ref.name);
      await assert.rejects(models.promotedOrNone());
    });
});

describe('what is live', () => {
  const beside = { name: 'beside', version: '2.0.0' };
  /** A model bucket of these objects, and of no others. */
  const modelsOf = (objects: Record<string, unknown>) =>
    makeModels(async (key) => {
      if (!(key in objects)) throw new ObjectNotFound(`${key} does not exist.`);
      const value = objects[key];
      if (value instanceof Error) throw value;
      return json(value);
    }, ref.name);
  const promoted = { [`${ref.name}/promoted.json`]: { version: ref.version } };
  const both = {
    ...promoted,
    'beside/promoted.json': { version: beside.version },
    'serving.json': { models: [{ name: ref.name }, { name: 'beside', accepts: ['south/*'] }] },
  };
  const own = { model: ref, accepts: ['*'], since: null };

  test("is the stage's own model with every key, where nothing else is said", async () => {
    assert.deepEqual(await modelsOf(promoted).serving(), { live: [own], waiting: [] });
  });

  test('is each model that is served, with the version that is promoted of it', async () => {
    const live = [own, { model: beside, accepts: ['south/*'], since: null }];
    assert.deepEqual(await modelsOf(both).serving(), { live, waiting: [] });
    const alone = { ...both, 'serving.json': { models: [{ name: 'beside', accepts: ['south/*'] }] } };
    assert.deepEqual(await modelsOf(alone).serving(), { live: [live[1]], waiting: [] });
  });

  for (const [what, objects, live, name] of [
    ['nothing is promoted', {}, [], 'NoModelPromoted'],
    [
      'one of two is not promoted',
      { ...both, 'beside/promoted.json': new ObjectNotFound('gone') },
      [own],
      'NoModelPromoted',
    ],
    ['one says no version', { ...both, 'beside/promoted.json': {} }, [own], 'InvalidModelPackage'],
    [
      'one is too large',
      { ...both, 'beside/promoted.json': new ObjectTooLarge('p', 2, 1) },
      [own],
      'InvalidModelPackage',
    ],
    ['serving.json says nothing', { ...both, 'serving.json': {} }, [], 'InvalidModelPackage'],
    [
      'serving.json is too large',
      { ...both, 'serving.json': new ObjectTooLarge('s', 2, 1) },
      [],
      'InvalidModelPackage',
    ],
  ] as const)
    test(`waits where ${what}, and the others are live`, async () => {
      const serving = await modelsOf(objects).serving();
      assert.deepEqual(serving.live, live);
      assert.deepEqual(
        serving.waiting.map(({ error }) => error.name),
        [name],
      );
    });

  for (const key of ['serving.json', `${ref.name}/promoted.json`, 'beside/promoted.json'])
    test(`is not guessed while the bucket has trouble with ${key}`, async () => {
      await assert.rejects(modelsOf({ ...both, [key]: new TransientTrouble('slow down') }).serving(), TransientTrouble);
    });
});

describe('a package', () => {
  const fromBucket = (key: string) => readBaselineFile(key.replace('droughtwatch-baseline/1.0.0/', ''));

  test('is read from its folder of the bucket, once', async () => {
    const keys: string[] = [];
    const models = makeModels((key) => {
      keys.push(key);
      return fromBucket(key);
    }, ref.name);
    const [model, again] = await Promise.all([models.load(ref), models.load({ ...ref })]);
    assert.equal(model.onnxFile, 'model.onnx');
    assert.equal(again, model);
    assert.deepEqual(keys, ['droughtwatch-baseline/1.0.0/item.json', 'droughtwatch-baseline/1.0.0/reference.json']);
  });

  test('that could not be read is read again', async () => {
    let failures = 1;
    const models = makeModels(async (key) => {
      if (failures-- > 0) throw new TransientTrouble('connection lost');
      return fromBucket(key);
    }, ref.name);
    await assert.rejects(models.load(ref), TransientTrouble);
    assert.equal((await models.load(ref)).version, '1.0.0');
  });

  test('that is broken says so', async () => {
    const models = makeModels(() => Promise.reject(new ObjectNotFound('gone')), ref.name);
    await assert.rejects(models.load(ref), InvalidModelPackage);
  });

  test("hands out its other files' bytes", async () => {
    const onnx = await makeModels(fromBucket, ref.name).fileOf(ref)('model.onnx');
    assert.deepEqual(onnx, await readBaselineFile('model.onnx'));
  });
});

test('a container keeps what the model versions were loaded into that were asked for last', async () => {
  const loaded: string[] = [];
  const forgotten: string[] = [];
  const load = keepPromise(
    async ({ version }) => {
      loaded.push(version);
      return version;
    },
    3,
    (version) => void forgotten.push(version),
  );
  for (const version of ['1', '2', '3', '3', '2', '1', '4', '2', '3', '4', '1']) await load({ name: 'm', version });
  assert.deepEqual(loaded, ['1', '2', '3', '4', '3', '1']);
  assert.deepEqual(forgotten, ['3', '1', '2']);
});

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
