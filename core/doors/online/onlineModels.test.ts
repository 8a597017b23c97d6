import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { liveOf } from '../../../test/benches/serving.ts';
import { InvalidModelPackage, ObjectNotFound } from '../../base/errors.ts';
import { makeOnlineModels, type OnlineModelsPorts } from './onlineModels.ts';

const digits = { name: 'digits', version: '1.0.0' };

/** A bucket with two versions of digits, of which the second is broken, and one of a model that nobody has promoted. */
function find(name: string, asked: string | null, live: readonly { model: typeof digits }[] = [{ model: digits }]) {
  const published: Record<string, string[]> = { digits: ['1.0.0', '1.1.0'], wheat: ['3.0.0'] };
  const models = {
    serving: liveOf(...live),
    promotion: async (of: string) => (of === 'digits' ? digits : null),
    load: async ({ name: of, version }: typeof digits) => {
      if (!published[of]?.includes(version)) throw new ObjectNotFound('none');
      if (version === '1.1.0') throw new InvalidModelPackage('item.json: found nothing');
    },
  };
  const listVersions = async (of: string) => published[of] ?? [];
  return makeOnlineModels({ models, listVersions } as unknown as OnlineModelsPorts).find(name, asked);
}

describe('the model that a request names', () => {
  test('is its promoted version, or the one that is named', async () => {
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
      /^No version of wheat is promoted\. Published are: 3\.0\.0; name one with \?version=\. Live are: /,
    ],
    ['digits', '9', 404, /^There is no version “9” of digits\. Published are: 1\.0\.0, 1\.1\.0; name one/],
    ['digits', '../1', 404, /^There is no version “\.\.\/1” of digits\. Published are/],
    ['digits', '1.1.0', 500, 'The package of digits 1.1.0 cannot be read: item.json: found nothing'],
  ] as const)
    test(`is refused, with those that there are: ${name} ${asked ?? ''}`, () =>
      assert.rejects(find(name, asked), { status, message: detail }));

  test('is refused where none is live', () =>
    assert.rejects(find('maize', null, []), { status: 404, message: 'There is no model “maize”. No model is live.' }));
});
