import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { beforeEach, describe, test } from 'node:test';
import { memoryBucket } from '../../test/benches/memoryBucket.ts';
import { type Edit, editedPackage, INPUT, PROPERTIES, putVersion } from '../../test/benches/packages.ts';
import { NotPromotable } from '../base/errors.ts';
import { promotedKey, shadowKey } from '../base/keys.ts';
import { preparedUnlike } from '../package/preparesAlike.ts';
import { makeModels } from './models.ts';
import { makePromotions } from './promotions.ts';
import { isInShare } from './shadow.ts';
import { makeShadowing } from './shadowing.ts';

const name = 'droughtwatch-baseline';
const at = new Date('2026-03-01T08:00:00Z');
const tryModel = async () => {};

const objects = new Map<string, Uint8Array>();
const bucket = memoryBucket(objects);
const models = makeModels(bucket.read, name);
let { begin, end } = makeShadowing(bucket, name, tryModel);
let { promote } = makePromotions(bucket, name, tryModel);

describe('the shadow of a model', () => {
  beforeEach(async () => {
    objects.clear();
    ({ begin, end } = makeShadowing(bucket, name, tryModel)); // the former ones know what was promoted
    ({ promote } = makePromotions(bucket, name, tryModel));
    for (const version of ['1.0.0', '1.1.0', '1.2.0']) await putVersion(objects, version);
    await promote('1.0.0', at);
  });

  test('is none until one begins, and none once it ends', async () => {
    assert.equal(await models.shadow(), null);
    const shadow = { version: '1.1.0', share: 0.2, since: at.toISOString() };
    assert.deepEqual(await begin('1.1.0', 0.2, at), { shadow, former: null });
    assert.deepEqual(await models.shadow(), shadow);
    assert.deepEqual(await end(), shadow);
    assert.equal(await models.shadow(), null);
    await assert.rejects(end(), new NotPromotable(`${name} has no shadow, so there is none to end.`));
  });

  test('is the latest that began', async () => {
    await begin('1.1.0', 1, at);
    await begin('1.2.0', 1, at);
    assert.equal((await models.shadow())?.version, '1.2.0');
  });

  test('ends when it is promoted, but not when another version is', async () => {
    await begin('1.1.0', 1, at);
    await promote('1.2.0', at);
    assert.equal((await models.shadow())?.version, '1.1.0');
    await promote('1.1.0', at);
    assert.equal(await models.shadow(), null);
  });

  for (const share of [0, -0.1, 1.01, Number.NaN, Number.POSITIVE_INFINITY])
    test(`is refused with a share of ${share}`, async () => {
      await assert.rejects(
        begin('1.1.0', share, at),
        new NotPromotable(
          `found the share ${share}, allowed is a number above 0 and up to 1: the share of the files that the shadow classifies.`,
        ),
      );
      assert.equal(await models.shadow(), null);
    });

  for (const [what, version, message] of [
    ['the live version', '1.0.0', `${name} 1.0.0 is the live version: it cannot shadow itself. Name another version.`],
    ['one that is not published', '9.9.9', `${name} 9.9.9 cannot be a shadow: it is not published.`],
    ['an invalid version', '../1.0.0', `${name} ../1.0.0 cannot be a shadow: it is not published.`],
  ] as const)
    test(`is refused where it is ${what}`, async () => {
      await assert.rejects(begin(version, 1, at), new NotPromotable(message));
    });

  test('is refused where nothing is live', async () => {
    objects.delete(promotedKey(name));
    await assert.rejects(begin('1.1.0', 1, at), /^NotPromotable: No version of \S+ is promoted, so there is none to/);
  });

  test('is refused if it prepares chips in another way, and the error names the differences', async () => {
    await putVersion(
      objects,
      '2.0.0',
      [`${INPUT}/bands`, ['B4', 'B3', 'B2', 'B5']],
      [`${PROPERTIES}/swath:blank_max`, 9],
    );
    await assert.rejects(
      begin('2.0.0', 1, at),
      new NotPromotable(
        `${name} 2.0.0 cannot shadow ${name} 1.0.0: a shadow classifies the chips that were prepared for the live version, and the two packages differ in: bands, rule for blank chips. Compare them on files instead: swath model diff, with --data.`,
      ),
    );
  });

  test('is refused with the reason if shadow.json is invalid', async () => {
    objects.set(shadowKey(name), Buffer.from('{"shadow": {"version": "../x", "share": 2}}'));
    await assert.rejects(models.shadow(), {
      name: 'InvalidModelPackage',
      message: /^\S+shadow\.json: found .*, allowed is/,
    });
  });
});

test('scaling, weights, classes and batch sizes are not part of the preparation', async () => {
  const [one, other] = [await editedPackage([]), await editedPackage([[`${INPUT}/value_scaling/0/value`, 127]])];
  assert.notDeepEqual(one.scaling, other.scaling);
  assert.deepEqual(preparedUnlike(one, other), []);
});

test('the types of bands that are computed are part of the preparation', async () => {
  const derived: Edit = [`${INPUT}/bands/0`, { name: 'sum', format: 'swath', expression: 'B2 + B3' }];
  const one = await editedPackage([derived]);
  const other = await editedPackage([derived, [`${INPUT}/input/data_type`, 'float64']]);
  assert.deepEqual(preparedUnlike(one, other), ['bands']);
});

describe('a share', () => {
  const digests = Array.from({ length: 4000 }, (_, i) => createHash('sha256').update(`${i}`).digest('hex'));

  test('selects about that share of the files', () => {
    for (const share of [0.05, 0.2, 0.5, 0.9]) {
      const found = digests.filter((digest) => isInShare(digest, share)).length / digests.length;
      // Four standard deviations of a binomial share.
      assert.ok(
        Math.abs(found - share) < 4 * Math.sqrt((share * (1 - share)) / digests.length),
        `${found} of ${share}`,
      );
    }
  });

  test('of 1 selects all files, and a larger share includes every smaller one', () => {
    assert.ok(digests.every((digest) => isInShare(digest, 1)));
    assert.ok(isInShare('f'.repeat(64), 1));
    for (const digest of digests.filter((one) => isInShare(one, 0.2))) assert.ok(isInShare(digest, 0.3));
  });
});
