import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { editedItem, PROPERTIES, readBaselineFile } from '../../test/benches/packages.ts';
import { InvalidModelPackage, ObjectNotFound, TransientTrouble } from '../errors.ts';
import type { Bucket } from '../objectStore.ts';
import { makeModels } from './models.ts';
import { readPromotions } from './promotionHistory.ts';
import { makePromotions, type TryModel } from './promotions.ts';

const name = 'droughtwatch-baseline';
const at = (day: number) => new Date(Date.UTC(2026, 2, day, 8));

/** A file of the baseline, as if it were of that version. */
async function readVersion(version: string, file: string): Promise<Uint8Array> {
  if (file !== 'item.json') return readBaselineFile(file);
  return Buffer.from(JSON.stringify(await editedItem([[...PROPERTIES, 'version'], version])));
}

let objects: Map<string, Uint8Array>;
let written: string[];
const bucket: Bucket = {
  read: async (key) => {
    const bytes = objects.get(key);
    if (bytes === undefined) throw new ObjectNotFound(`${key} does not exist.`);
    return bytes;
  },
  write: async (key, bytes) => {
    written.push(key);
    objects.set(key, bytes);
  },
  list: async (prefix) => [...objects.keys()].filter((key) => key.startsWith(prefix)).sort(),
};
let tried: string[];
const tryModel: TryModel = async (model, onnx) => {
  tried.push(new TextDecoder().decode(onnx));
  if (onnx.length > 1) throw new InvalidModelPackage(`${model.onnxFile}: onnxruntime cannot load it (no)`);
};
const { promote, rollback } = makePromotions(bucket, name, tryModel);
const stored = () => JSON.parse(new TextDecoder().decode(objects.get(`${name}/promoted.json`)));

describe('promotions', () => {
  beforeEach(async () => {
    objects = new Map();
    written = [];
    tried = [];
    for (const version of ['1.0.0', '1.1.0', '2.0.0'])
      for (const file of ['item.json', 'reference.json', 'model.onnx'])
        objects.set(
          `${name}/${version}/${file}`,
          file === 'model.onnx' ? Buffer.from('x') : await readVersion(version, file),
        );
  });

  describe('the history', () => {
    const history = (limit = 50) => readPromotions(bucket, name, limit);

    test('says who promoted which version, when, in the place of which, and why; the latest first', async () => {
      await promote('1.0.0', at(1));
      await promote('1.1.0', at(2), { by: 'arn:aws:iam::111122223333:user/ada', reason: 'better on wetlands' });
      await rollback(at(3), { by: 'grace', reason: null });
      assert.deepEqual(await history(), [
        { at: at(3).toISOString(), version: '1.0.0', before: '1.1.0', isRollback: true, by: 'grace', reason: null },
        {
          ...{ at: at(2).toISOString(), version: '1.1.0', before: '1.0.0', isRollback: false },
          ...{ by: 'arn:aws:iam::111122223333:user/ada', reason: 'better on wetlands' },
        },
        { at: at(1).toISOString(), version: '1.0.0', before: null, isRollback: false, by: null, reason: null },
      ]);
      assert.deepEqual(
        (await history(1)).map(({ version }) => version),
        ['1.0.0'],
      );
    });

    test('has what was promoted before it is promoted, and nothing of what was not', async () => {
      await promote('1.0.0', at(1));
      assert.match(written[0]!, /^_promotions\/droughtwatch-baseline\/2026-03-01T08-00-00-000Z-[0-9a-f]{8}\.json$/);
      assert.equal(written[1], `${name}/promoted.json`);
      await promote('1.0.0', at(2));
      await assert.rejects(promote('9.9.9', at(3)));
      assert.equal((await history()).length, 1);
    });

    test("passes over what is no promotion, or another model's", async () => {
      await promote('1.0.0', at(1));
      objects.set(`_promotions/${name}/2027.json`, Buffer.from('no JSON'));
      objects.set(`_promotions/${name}/2028.json`, Buffer.from('{"version": "3"}'));
      objects.set(`_promotions/${name}-2/2026-03-01T08-00-00-000Z-00000000.json`, Buffer.from('{}'));
      assert.deepEqual(
        (await history()).map(({ version }) => version),
        ['1.0.0'],
      );
    });
  });

  describe('promoting a version', () => {
    test('is one write, of the version, its time and what was promoted before', async () => {
      await promote('1.0.0', at(1));
      assert.deepEqual(stored(), { version: '1.0.0', promotedAt: at(1).toISOString(), before: [] });
      const promoted = { version: '1.1.0', promotedAt: at(2).toISOString(), before: ['1.0.0'] };
      assert.deepEqual(await promote('1.1.0', at(2)), { name, ...promoted, wasPromoted: false });
      assert.deepEqual(stored(), promoted);
      assert.deepEqual(
        written.filter((key) => !key.startsWith('_promotions/')),
        [`${name}/promoted.json`, `${name}/promoted.json`],
      );
      const { wasPromoted: _, ...promotion } = await promote('1.1.0', at(3));
      assert.deepEqual(promotion, await makeModels(bucket.read, name).promotion());
    });

    test('that is promoted already changes nothing', async () => {
      await promote('1.0.0', at(1));
      const again = await promote('1.0.0', at(2));
      assert.deepEqual([again.wasPromoted, again.promotedAt, written.length], [true, at(1).toISOString(), 2]);
    });

    test('after one that nobody noted the time and the past of keeps its version', async () => {
      objects.set(`${name}/promoted.json`, Buffer.from('{"version": "1.0.0"}'));
      assert.deepEqual((await promote('1.1.0', at(1))).before, ['1.0.0']);
    });

    test('mends a promotion that says nothing', async () => {
      objects.set(`${name}/promoted.json`, Buffer.from('1.0.0'));
      assert.deepEqual((await promote('1.1.0', at(1))).before, []);
    });

    test('remembers twenty versions at most', async () => {
      for (let day = 1; day <= 25; day += 1) await promote(day % 2 === 0 ? '1.0.0' : '1.1.0', at(day));
      assert.equal(stored().before.length, 20);
      assert.deepEqual(stored().before.slice(0, 3), ['1.0.0', '1.1.0', '1.0.0']);
    });

    for (const [version, lost, says] of [
      ['3.0.0', '', 'it is not published'],
      ['1.0', '', 'it is not published'],
      ['', '', 'it is not published'],
      ['..', '', 'it is not published'],
      ['1.0.0/item.json', '', 'it is not published'],
      ['1.0.0', 'model.onnx', 'model.onnx: found no such file, item.json names it'],
      ['1.0.0', 'item.json', 'item.json: found no such file, each package has one'],
      ['1.0.0', 'reference.json', 'reference.json: found no such file, each package has one'],
    ] as const)
      test(`"${version}"${lost && ` without ${lost}`} is refused`, async () => {
        objects.delete(`${name}/${version}/${lost}`);
        await assert.rejects(promote(version, at(1)), ({ name: what, message }: Error) => {
          assert.equal(what, 'NotPromotable');
          assert.ok(
            message.startsWith(`${name} ${version} cannot be promoted: `) && message.endsWith(`${says}.`),
            message,
          );
          return true;
        });
        assert.deepEqual(written, []);
      });

    test('that came into the bucket by another way is tried first, and refused where it cannot run', async () => {
      await promote('1.0.0', at(1));
      assert.deepEqual(tried, ['x']);
      objects.set(`${name}/1.1.0/model.onnx`, Buffer.from('other'));
      await assert.rejects(promote('1.1.0', at(2)), {
        name: 'NotPromotable',
        message: `${name} 1.1.0 cannot be promoted: what is published under that version cannot run: model.onnx: onnxruntime cannot load it (no).`,
      });
      assert.deepEqual([tried, stored().version], [['x', 'other'], '1.0.0']);
    });

    test('that is another one, by its own item, is refused', async () => {
      objects.set(`${name}/1.1.0/item.json`, objects.get(`${name}/2.0.0/item.json`)!);
      await assert.rejects(promote('1.1.0', at(1)), {
        name: 'NotPromotable',
        message:
          /^\S+ 1\.1\.0 cannot be promoted: what .* is droughtwatch-baseline 2\.0\.0, as its item\.json has it\.$/,
      });
      assert.deepEqual([written, tried], [[], []]);
    });

    test('whose model was stopped in its trial is not refused for good: the trouble is passed on', async () => {
      const stopped = new Error('too long');
      const promotions = makePromotions(bucket, name, () => Promise.reject(stopped));
      await assert.rejects(promotions.promote('1.0.0', at(1)), stopped);
      assert.deepEqual(written, []);
    });

    test('is not tried while the bucket has trouble', async () => {
      const read = () => Promise.reject(new TransientTrouble('slow down'));
      await assert.rejects(
        makePromotions({ ...bucket, read }, name, tryModel).promote('1.0.0', at(1)),
        TransientTrouble,
      );
      assert.deepEqual(written, []);
    });
  });

  describe('rolling back', () => {
    test('promotes what was promoted before, and then what was before that', async () => {
      for (const [i, version] of ['1.0.0', '1.1.0', '2.0.0'].entries()) await promote(version, at(i + 1));
      await rollback(at(4));
      assert.deepEqual(stored(), { version: '1.1.0', promotedAt: at(4).toISOString(), before: ['1.0.0'] });
      await rollback(at(5));
      assert.deepEqual(stored(), { version: '1.0.0', promotedAt: at(5).toISOString(), before: [] });
      await assert.rejects(rollback(at(6)), {
        name: 'NotPromotable',
        message: /^Nothing is known of a version that was promoted before droughtwatch-baseline 1\.0\.0\. Promote/,
      });
    });

    test('of nothing is refused', async () => {
      await assert.rejects(rollback(at(1)), { name: 'NotPromotable', message: /nothing to go back to\.$/ });
    });

    test('to a version that was taken away is refused, and the promoted one stays', async () => {
      await promote('1.0.0', at(1));
      await promote('1.1.0', at(2));
      objects.delete(`${name}/1.0.0/model.onnx`);
      await assert.rejects(rollback(at(3)), { name: 'NotPromotable', message: /1\.0\.0 cannot be promoted/ });
      objects.set(`${name}/1.0.0/model.onnx`, Buffer.from('changed'));
      await assert.rejects(rollback(at(3)), { name: 'NotPromotable', message: /1\.0\.0 cannot .* cannot run/ });
      assert.equal(stored().version, '1.1.0');
    });
  });
});
