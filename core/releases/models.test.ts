import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { memoryBucket } from '../../test/benches/memoryBucket.ts';
import { readBaselineFile } from '../../test/benches/packages.ts';
import { keepPromise } from '../base/concurrency/keepPromise.ts';
import { InvalidModelPackage, ObjectNotFound, ObjectTooLarge, TransientTrouble } from '../base/errors.ts';
import { beginTrial, endTrial, livingAs, makeModels, namesIn, versionsIn } from './models.ts';
import { fileDigests, publicationOf } from './publication.ts';

const ref = { name: 'droughtwatch-baseline', version: '1.0.0' };

describe('a trial', () => {
  test('lasts for a version until that is promoted, and ending one that never began changes nothing', async () => {
    const bucket = memoryBucket(new Map());
    const models = makeModels(bucket.read, ref.name);
    await endTrial(bucket, ref);
    assert.deepEqual([await models.isTrial(ref), await bucket.list('')], [false, []]);
    await beginTrial(bucket, ref);
    assert.equal(await models.isTrial(ref), true);
    await endTrial(bucket, ref);
    assert.equal(await models.isTrial(ref), false);
  });
});

describe('the promoted version', () => {
  test('is the one that the bucket names at each call', async () => {
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
      const promotion = { ...ref, promotedAt: known, before: [], nth: 0, by: null };
      assert.partialDeepStrictEqual(await models.promotion(), promotion);
    });

  for (const before of [['0.9.0', '0.8.0'], ['0.9.0', 8], '0.9.0'])
    test(`came after ${JSON.stringify(before)}, if those are versions`, async () => {
      const models = makeModels(async () => json({ version: '1.0.0', before }), ref.name);
      assert.deepEqual((await models.promotion())?.before, before[1] === '0.8.0' ? before : []);
    });

  test('is named in the error if there is none', async () => {
    const models = makeModels(() => Promise.reject(new ObjectNotFound('gone')), ref.name);
    assert.equal(await models.promotion(), null);
    const message = /^No version of the model droughtwatch-baseline is promoted\.$/;
    await assert.rejects(models.promoted(), { name: 'NoModelPromoted', message });
  });

  test('is not treated as absent on a transient error of the bucket', async () => {
    const models = makeModels(() => Promise.reject(new TransientTrouble('slow down')), ref.name);
    await assert.rejects(models.promotion(), TransientTrouble);
  });

  for (const content of [
    '',
    '{',
    '{}',
    '{"version":""}',
    '{"version":1}',
    'null',
    ...['../../other/1.0.0', '1.0.0/date=2026-01-01', '.', '-', '1.0.0\n', '<b>', 'x'.repeat(65)].map((version) =>
      JSON.stringify({ version }),
    ),
  ])
    test(`is not guessed from ${JSON.stringify(content)}`, async () => {
      const models = makeModels(async () => new TextEncoder().encode(content), ref.name);
      await assert.rejects(models.promotion());
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
  const [BESIDE, SERVING] = ['beside/promoted.json', 'serving.json'];

  test("is the stage's own model for every key by default", async () => {
    assert.deepEqual(await modelsOf(promoted).serving(), { live: [own], waiting: [] });
  });

  test('is each served model, with its promoted version', async () => {
    const live = [own, { model: beside, accepts: ['south/*'], since: null }];
    assert.deepEqual(await modelsOf(both).serving(), { live, waiting: [] });
    const alone = { ...both, 'serving.json': { models: [{ name: 'beside', accepts: ['south/*'] }] } };
    assert.deepEqual(await modelsOf(alone).serving(), { live: [live[1]], waiting: [] });
  });

  for (const [what, objects, live, name] of [
    ['nothing is promoted', {}, [], 'NoModelPromoted'],
    ['one of two is not promoted', { ...both, [BESIDE]: new ObjectNotFound('gone') }, [own], 'NoModelPromoted'],
    ['one names no version', { ...both, [BESIDE]: {} }, [own], 'InvalidModelPackage'],
    ['one is too large', { ...both, [BESIDE]: new ObjectTooLarge('p', 2, 1) }, [own], 'InvalidModelPackage'],
    ['serving.json is empty', { ...both, [SERVING]: {} }, [], 'InvalidModelPackage'],
    ['serving.json is too large', { ...both, [SERVING]: new ObjectTooLarge('s', 2, 1) }, [], 'InvalidModelPackage'],
  ] as const)
    test(`waits where ${what}, and the others are live`, async () => {
      const serving = await modelsOf(objects).serving();
      assert.deepEqual(serving.live, live);
      const [{ error, accepts } = assert.fail(), ...others] = serving.waiting;
      assert.deepEqual([error.name, accepts, others], [name, live.length === 0 ? ['*'] : ['south/*'], []]);
    });

  for (const key of ['serving.json', `${ref.name}/promoted.json`, 'beside/promoted.json'])
    test(`is not guessed on a transient error with ${key}`, async () => {
      await assert.rejects(modelsOf({ ...both, [key]: new TransientTrouble('slow down') }).serving(), TransientTrouble);
    });
});

describe('a package', () => {
  const fromBucket = (key: string) => {
    const file = key.replace('droughtwatch-baseline/1.0.0/', '');
    const isNone = file === 'publication.json' || key.endsWith('/promoted.json');
    return isNone ? Promise.reject(new ObjectNotFound('none')) : readBaselineFile(file);
  };
  const FILES = ['item.json', 'reference.json', 'model.onnx', 'sample.json'];
  const recordOf = async () => {
    const contents = await Promise.all(FILES.map(async (file) => [file, await readBaselineFile(file)] as const));
    const files = fileDigests(new Map(contents));
    return { ...publicationOf(files, new Date('2026-03-01T08:00:00Z'), null, null), isWhole: true };
  };

  /** The bundled version as it was published, but for these files. */
  async function changed(files: { [file: string]: string | null }, record: object = {}) {
    const objects = new Map<string, Uint8Array>();
    for (const file of FILES) objects.set(`${ref.name}/1.0.0/${file}`, await readBaselineFile(file));
    objects.set(`${ref.name}/1.0.0/publication.json`, json({ ...(await recordOf()), ...record }));
    for (const [file, text] of Object.entries(files))
      if (text === null) objects.delete(`${ref.name}/${file}`);
      else objects.set(`${ref.name}/${file}`, Buffer.from(text));
    const keys: string[] = [];
    const { read } = memoryBucket(objects);
    const models = makeModels((key, ...more) => {
      keys.push(key.split('/').at(-1)!);
      return read(key, ...more);
    }, ref.name);
    return { models, keys };
  }

  test('is read from its folder of the bucket, once, with one small request for its record', async () => {
    const { models, keys } = await changed({});
    const [model, again] = await Promise.all([models.load(ref), models.load({ ...ref })]);
    assert.equal(model.artifact.file, 'model.onnx');
    assert.equal(again, model);
    assert.deepEqual(keys.toSorted(), ['item.json', 'publication.json', 'reference.json']);
    await models.fileOf(ref)('model.onnx');
    assert.equal(keys.length, 4);
  });

  test('without a record is read as it is', async () => {
    const models = makeModels(fromBucket, ref.name);
    assert.equal((await models.load(ref)).version, '1.0.0');
    assert.deepEqual(await models.fileOf(ref)('model.onnx'), await readBaselineFile('model.onnx'));
  });

  for (const [what, file, files, record, says] of [
    [
      'changed',
      'reference.json',
      { '1.0.0/reference.json': '{}' },
      {},
      /1\.0\.0\/reference\.json: found sha256:44136fa\w+, allowed is sha256:\w+, as published at 2026-03-01T08:00:00\.000Z\. Published versions never change: publish this one again/,
    ],
    ['changed', 'item.json', { '1.0.0/item.json': '{}' }, {}, /1\.0\.0\/item\.json: found sha256:44136fa/],
    ['changed', 'model.onnx', { '1.0.0/model.onnx': 'x' }, {}, /1\.0\.0\/model\.onnx: found sha256:2d71164/],
    [
      'gone',
      'sample.json',
      { '1.0.0/sample.json': null },
      {},
      /1\.0\.0\/sample\.json: found no such file, allowed is sha256:/,
    ],
    [
      'there before the publication is complete',
      'item.json',
      {},
      { isWhole: false },
      /publication\.json: found one that has not come to its end/,
    ],
    [
      'there but another digest is promoted',
      'item.json',
      { 'promoted.json': '{"version": "1.0.0", "digest": "sha256:0"}' },
      {},
      /publication\.json: found sha256:3e6ee2\w+, allowed is sha256:0, with which it was promoted/,
    ],
    [
      'there but the record is invalid',
      'item.json',
      { '1.0.0/publication.json': '{}' },
      {},
      /publication\.json: found no record of a publication/,
    ],
    [
      'there but the digest is not that of the files',
      'item.json',
      {},
      { digest: 'sha256:1' },
      /found no record of a publication/,
    ],
  ] as const)
    test(`is refused where ${file} is ${what}`, async () => {
      const { models } = await changed(files, record);
      await models.promotion();
      await assert.rejects(models.fileOf(ref)(file), { name: 'InvalidModelPackage', message: says });
      if (file === 'item.json' || file === 'reference.json') await assert.rejects(models.load(ref), { message: says });
    });

  test('is refused without a record if it was promoted with one, also by who has not asked what is live', async () => {
    const gone = { '1.0.0/publication.json': null, 'promoted.json': '{"version": "1.0.0", "digest": "sha256:0"}' };
    const { models } = await changed(gone);
    const message = /publication\.json: found none, allowed is sha256:0, with which it was promoted/;
    await assert.rejects(models.load(ref), { name: 'InvalidModelPackage', message });
  });

  test('does not give files that were not published', async () => {
    const { models } = await changed({ '1.0.0/other.json': '{}' });
    await assert.rejects(models.fileOf(ref)('other.json'), ObjectNotFound);
  });

  test('is read again after a read error', async () => {
    let failures = 1;
    const models = makeModels(async (key) => {
      if (failures-- > 0) throw new TransientTrouble('connection lost');
      return fromBucket(key);
    }, ref.name);
    await assert.rejects(models.load(ref), TransientTrouble);
    assert.equal((await models.load(ref)).version, '1.0.0');
  });

  test('that is broken is refused', async () => {
    const models = makeModels(() => Promise.reject(new ObjectNotFound('gone')), ref.name);
    await assert.rejects(models.load(ref), InvalidModelPackage);
  });
});

test('a container keeps the model versions that were used most recently', async () => {
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

test('of a version that is live without a promotion, nothing else is known', () => {
  const nothing = { promotedAt: null, replaced: null, isRollback: false, by: null, reason: null, digest: null };
  assert.deepEqual(livingAs(ref), { ...ref, nth: 0, before: [], ...nothing });
});

test('names and versions are those with an item, whatever else lies in the bucket', async () => {
  const keys = [
    '_promotions/wheat/00000001-00000.json',
    'digits/1.0.0/item.json',
    'digits/1.0.0/model.onnx',
    'digits/1.1.0/item.json',
    'digits/2.0.0/model.onnx',
    'digits/promoted.json',
    'serving.json',
    'fire/1/a/item.json',
    'beans/3/item.json',
    'beans/3/item.json.bak',
  ];
  const list = async (prefix: string) => keys.filter((key) => key.startsWith(prefix));
  assert.deepEqual(await namesIn(list), ['beans', 'digits']);
  assert.deepEqual(await versionsIn(list)('digits'), ['1.0.0', '1.1.0']);
});

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
