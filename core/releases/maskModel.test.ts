import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { beforeEach, describe, test } from 'node:test';
import { memoryBucket } from '../../test/benches/memoryBucket.ts';
import { NotPromotable } from '../base/errors.ts';
import { readModelPackage } from '../tasks/readModelPackage.ts';
import { valuesInMap } from './maskModel.ts';
import { makePromotions } from './promotions.ts';

const MODELS = new URL('../../models/', import.meta.url);
const AT = new Date('2026-03-01T08:00:00Z');
const objects = new Map<string, Uint8Array>();

/** Puts a version of a model of pixels into the bucket, with another name and mask; by default with the classes of s2-scl. */
async function put(name: string, mask?: object, of = 's2-scl') {
  for (const file of ['item.json', 'reference.json', 'model.onnx']) {
    const bytes = await readFile(new URL(`${of}/1.0.0/${file}`, MODELS));
    if (file !== 'item.json') objects.set(`${name}/1.0.0/${file}`, bytes);
    else {
      const item = JSON.parse(bytes.toString());
      Object.assign(item.properties, { 'mlm:name': name, ...(mask && { 'swath:mask': mask }) });
      objects.set(`${name}/1.0.0/${file}`, Buffer.from(JSON.stringify(item)));
    }
  }
}
const by = (model: string, ...classes: string[]) => ({ model, classes, share: 0.2 });
/** Another package under the same version needs a bucket that has not been read. */
const promote = (name: string) => makePromotions(memoryBucket(objects), name, async () => {}).promote('1.0.0', AT);

test('a class of a mask may be named as in its package, without Latin letters', async () => {
  const model = await readModelPackage((file) => readFile(new URL(`s2-scl/1.0.0/${file}`, MODELS)));
  const [, ...others] = model.classes;
  const classes = [{ value: 7, name: 'class-7', title: '水' }, ...others];
  assert.deepEqual(valuesInMap({ ...model, classes }, ['水', 'class-7', others[0]!.name]), [7, 7, others[0]!.value]);
});

describe("a version whose mask is another model's map", () => {
  beforeEach(async () => {
    objects.clear();
    await put('clouds');
    await put('heights', undefined, 's2-b8a');
    for (const name of ['clouds', 'heights']) await promote(name);
  });

  test('is promoted if that model is, and has the classes', async () => {
    await put('land', by('clouds', 'cloud', 'cirrus'));
    assert.equal((await promote('land')).version, '1.0.0');
  });

  for (const [what, mask, says] of [
    ['of which no version is promoted', by('snow', 'cloud'), /the model snow, which has no promoted version/],
    [
      'that has not the class',
      by('clouds', 'cloud', 'haze'),
      /the class haze of clouds 1\.0\.0, allowed is shadow, .*cirrus/,
    ],
    [
      'whose map is of numbers',
      by('heights', 'cloud'),
      /the class cloud of heights .*allowed is a model whose map is of classes/,
    ],
    ['that is itself', by('land', 'cloud'), /found land, land, each masked by the next/],
  ] as const)
    test(`is refused with one ${what}`, async () => {
      await put('land', mask);
      await assert.rejects(promote('land'), (error: Error) => {
        assert.ok(error instanceof NotPromotable);
        return says.test(error.message);
      });
    });

  test('is refused if that model waits for it in turn, however many are between', async () => {
    await put('land', by('clouds', 'cloud'));
    await put('snow', by('land', 'bare'));
    for (const name of ['land', 'snow']) await promote(name);
    await put('clouds', by('snow', 'cloud'));
    objects.delete('clouds/promoted.json');
    objects.delete('clouds/1.0.0/publication.json');
    await assert.rejects(promote('clouds'), /found clouds, snow, land, clouds, each masked by the next/);
  });
});
