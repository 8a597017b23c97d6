import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { liveOf } from '../../../test/benches/serving.ts';
import { InvalidModelPackage, ObjectNotFound } from '../../base/errors.ts';
import { isSafeName } from '../../base/names.ts';
import { readModelPackage } from '../../tasks/readModelPackage.ts';
import { makeOnlineModels, type OnlineModelsPorts } from './onlineModels.ts';

const digits = { name: 'digits', version: '1.0.0' };

/** A bucket with two versions of digits, of which the second is broken, and one of a model that nobody has promoted. */
function find(name: string, asked: string | null, live: readonly { model: typeof digits }[] = [{ model: digits }]) {
  const published: Record<string, string[]> = { digits: ['1.0.0', '1.1.0'], wheat: ['3.0.0'] };
  const models = {
    serving: liveOf(...live),
    promotion: async (of: string) => {
      assert.ok(isSafeName(of), 'the bucket is asked for names only');
      return of === 'digits' ? digits : null;
    },
    load: async ({ name: of, version }: typeof digits) => {
      assert.ok(isSafeName(of) && isSafeName(version));
      if (!published[of]?.includes(version)) throw new ObjectNotFound('none');
      if (version === '1.1.0') throw new InvalidModelPackage('item.json: found nothing');
    },
  };
  const listVersions = async (of: string) => {
    assert.ok(isSafeName(of));
    return published[of] ?? [];
  };
  return makeOnlineModels({ models, listVersions } as unknown as OnlineModelsPorts).find(name, asked);
}

describe('the model that a request names', () => {
  test('is its promoted version, or the version that the request names', async () => {
    assert.deepEqual(await find('digits', null), digits);
    assert.deepEqual(await find('wheat', '3.0.0'), { name: 'wheat', version: '3.0.0' });
  });

  for (const [name, asked, status, detail] of [
    ['maize', null, 404, 'There is no model “maize”. Live are: digits 1.0.0.'],
    ['../maize', null, 404, 'There is no model “../maize”. Live are: digits 1.0.0.'],
    [
      'wheat',
      null,
      404,
      /^No version of wheat is promoted\. Published are: 3\.0\.0; name one with \?version=, or in a path of \/v2\. Live are: /,
    ],
    ['digits', '9', 404, /^There is no version “9” of digits\. Published are: 1\.0\.0, 1\.1\.0; name one/],
    ['digits', '../1', 404, /^There is no version “\.\.\/1” of digits\. Published are/],
    ['digits', '1.1.0', 500, 'The package of digits 1.1.0 cannot be read: item.json: found nothing'],
  ] as const)
    test(`is refused, with the available ones in the error: ${name} ${asked ?? ''}`, () =>
      assert.rejects(find(name, asked), { status, message: detail }));

  test('is refused if no model is live', () =>
    assert.rejects(find('maize', null, []), { status: 404, message: 'There is no model “maize”. No model is live.' }));
});

test('a description says that the live version is live, and that another version of its model is not', async () => {
  const folder = new URL('../../../models/digits/1.0.0/', import.meta.url);
  const package1 = await readModelPackage(async (name) => readFileSync(new URL(name, folder)));
  const item = new TextEncoder().encode('{"id":"digits"}');
  const models = {
    serving: liveOf({ model: digits }),
    promotion: async () => digits,
    load: async ({ version }: typeof digits) => ({ ...package1, version }),
    fileOf: () => async () => item,
  };
  const listVersions = async () => ['1.0.0', '1.1.0'];
  const { describe: describeModel } = makeOnlineModels({ models, listVersions } as unknown as OnlineModelsPorts);
  const [live, other] = await Promise.all([describeModel(digits), describeModel({ ...digits, version: '1.1.0' })]);
  assert.partialDeepStrictEqual(live, { version: '1.0.0', isLive: true, promoted: '1.0.0', item: { id: 'digits' } });
  assert.deepEqual([live.input.width, live.input.height, live.input.kinds[0]], [28, 28, 'image']);
  assert.partialDeepStrictEqual(other, { version: '1.1.0', isLive: false, versions: ['1.0.0', '1.1.0'] });
});

for (const { name, height, width, kinds, isPicture, isOfPixels } of [
  {
    name: 'digits',
    height: 28,
    width: 28,
    kinds: ['image', 'bands', 'values', 's3'],
    isPicture: true,
    isOfPixels: false,
  },
  {
    name: 's2-scl',
    height: 256,
    width: 256,
    kinds: ['image', 'bands', 'values', 's3'],
    isPicture: false,
    isOfPixels: true,
  },
  { name: 'landsat-statlog', height: 1, width: 1, kinds: ['values', 'bands'], isPicture: false, isOfPixels: false },
])
  test(`a description says what a chip has, and what is predicted: ${name}`, async () => {
    const folder = new URL(`../../../models/${name}/1.0.0/`, import.meta.url);
    const model = await readModelPackage(async (file) => readFileSync(new URL(file, folder)));
    const ports = {
      models: {
        serving: liveOf(),
        promotion: async () => null,
        load: async () => model,
        fileOf: () => async () => Buffer.from('{}'),
      },
      listVersions: async () => [],
    } as unknown as OnlineModelsPorts;
    const found = await makeOnlineModels(ports).describe({ name, version: '1.0.0' });
    assert.deepEqual([found.isLive, found.promoted, found.task], [false, null, model.task.name]);
    const { bands, ...input } = found.input;
    assert.deepEqual(input, { height, width, kinds, isPicture });
    assert.deepEqual(
      bands,
      model.source.bands.map((band) => ({ name: band.name, dataType: band.dataType })),
    );
    assert.equal(found.output.isOfPixels, isOfPixels);
    assert.deepEqual(
      found.output.classes,
      model.classes.map((one) => ({ name: one.name, value: one.value, title: one.title ?? one.name })),
    );
  });

test('an error of the bucket is none of the request', async () => {
  const load = () => Promise.reject(new Error('no bucket'));
  const ports = { models: { serving: liveOf(), promotion: async () => digits, load }, listVersions: async () => [] };
  await assert.rejects(
    makeOnlineModels(ports as unknown as OnlineModelsPorts).find('digits', null),
    /^Error: no bucket$/,
  );
});
