import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { memoryBucket } from '../../test/benches/memoryBucket.ts';
import { OUTPUT, PROPERTIES, putVersion } from '../../test/benches/packages.ts';
import { InvalidModelPackage, RefusedByGate, TransientTrouble } from '../base/errors.ts';
import { makeModels } from './models.ts';
import { readPromotions, wasPromoted } from './promotionHistory.ts';
import { type Gate, makePromotions, type TryModel } from './promotions.ts';

const name = 'droughtwatch-baseline';
const at = (day: number) => new Date(Date.UTC(2026, 2, day, 8));

const objects = new Map<string, Uint8Array>();
let written: string[];
const bucket = memoryBucket(objects, (key) => written.push(key));
let tried: string[];
const tryModel: TryModel = async (model, onnx) => {
  tried.push(new TextDecoder().decode(onnx));
  if (onnx.length > 1) throw new InvalidModelPackage(`${model.artifact.file}: onnxruntime cannot load it (no)`);
};
let { promote, rollback } = makePromotions(bucket, name, tryModel);
const refusing: Gate = async () => ({ refusals: [{ rule: 'comparison', sentence: 'No.' }] });
/** The three versions, one after the other. */
const promoteAll = async () => {
  for (const [i, version] of ['1.0.0', '1.1.0', '2.0.0'].entries()) await promote(version, at(i + 1));
};
const stored = () => JSON.parse(new TextDecoder().decode(objects.get(`${name}/promoted.json`)));

describe('promotions', () => {
  beforeEach(async () => {
    objects.clear();
    ({ promote, rollback } = makePromotions(bucket, name, tryModel)); // the former one knows what it has promoted
    written = [];
    tried = [];
    for (const version of ['1.0.0', '1.1.0', '2.0.0']) await putVersion(objects, version);
  });

  describe('the history', () => {
    const history = (limit = 50) => readPromotions(bucket, name, limit);
    const versions = async (limit?: number) => (await history(limit)).map(({ version }) => version).join(', ');

    test('says who promoted which version, when, in the place of which, and why; the latest first', async () => {
      await promote('1.0.0', at(1));
      const ada = { by: 'arn:aws:iam::111122223333:user/ada', reason: 'better on wetlands' };
      await promote('1.1.0', at(2), ada);
      await rollback(at(3), { by: 'grace', reason: null });
      assert.deepEqual(await history(), [
        { at: at(3).toISOString(), version: '1.0.0', before: '1.1.0', isRollback: true, by: 'grace', reason: null },
        { at: at(2).toISOString(), version: '1.1.0', before: '1.0.0', isRollback: false, ...ada },
        { at: at(1).toISOString(), version: '1.0.0', before: null, isRollback: false, by: null, reason: null },
      ]);
      assert.equal(await versions(1), '1.0.0');
    });

    test('has a record of each promotion, and none of a promotion that was refused', async () => {
      await promote('1.0.0', at(1));
      const promotions = written.filter((key) => !key.endsWith('publication.json'));
      assert.deepEqual(promotions, [`${name}/promoted.json`, `_promotions/${name}/00000001-00000.json`]);
      await promote('1.0.0', at(2));
      await assert.rejects(promote('9.9.9', at(3)));
      assert.equal((await history()).length, 1);
    });

    test('keeps the order of promotions, whatever their times', async () => {
      const refused = makePromotions(bucket, name, tryModel, refusing);
      await promote('1.0.0', at(9));
      await promote('1.1.0', at(3));
      for (const day of [7, 2]) await assert.rejects(refused.promote('2.0.0', at(day)));
      await rollback(at(1));
      const found = (await history()).map((one) => `${one.version} ${one.at?.slice(9, 10)} ${'isRefused' in one}`);
      assert.deepEqual(found, ['1.0.0 1 false', '2.0.0 2 true', '2.0.0 7 true', '1.1.0 3 false', '1.0.0 9 false']);
    });

    test('knows every version that was ever live, also one that a rollback has left', async () => {
      await promote('1.0.0', at(1));
      await promote('1.1.0', at(2));
      await rollback(at(3));
      await assert.rejects(makePromotions(bucket, name, tryModel, refusing).promote('2.0.0', at(4)), RefusedByGate);
      for (const [version, isKnown] of Object.entries({ '1.0.0': true, '1.1.0': true, '2.0.0': false, '3.0.0': false }))
        assert.equal(await wasPromoted(bucket, { name, version }), isKnown, version);
    });

    test('begins with the live version, even if it was written by hand or its record is missing', async () => {
      await promote('1.0.0', at(1));
      await promote('1.1.0', at(2), { by: 'ada' });
      objects.delete(`_promotions/${name}/00000002-00000.json`);
      const [latest, ...others] = await history();
      assert.partialDeepStrictEqual([latest, others.length], [{ version: '1.1.0', before: '1.0.0', by: 'ada' }, 1]);
      await promote('2.0.0', at(3));
      assert.equal(await versions(), '2.0.0, 1.1.0, 1.0.0');
      objects.set(`${name}/promoted.json`, Buffer.from('{"version": "1.0.0"}'));
      assert.partialDeepStrictEqual((await history())[0], { version: '1.0.0', at: null });
      await promote('1.1.0', at(4));
      assert.deepEqual([stored().nth, (await history())[0]!.version], [4, '1.1.0']);
      const records = [...objects.keys()].filter((key) => key.startsWith('_promotions/'));
      assert.equal(records.length, 4, 'of what was written by hand there is no record');
    });

    test('has the live promotion where it belongs among refusals, though a writer died before its record', async () => {
      const refused = makePromotions(bucket, name, tryModel, refusing);
      await promote('1.0.0', at(1));
      await assert.rejects(refused.promote('2.0.0', at(2)));
      await promote('1.1.0', at(3));
      objects.delete(`_promotions/${name}/00000002-00000.json`);
      const dates = async () => (await history()).map((record) => record.at?.slice(8, 10));
      assert.deepEqual(await dates(), ['03', '02', '01']);
      await assert.rejects(refused.promote('2.0.0', at(4)));
      objects.delete(`_promotions/${name}/00000002-00000.json`);
      assert.deepEqual(await dates(), ['04', '03', '02', '01']);
    });

    test('skips invalid records and those of other models', async () => {
      await promote('1.0.0', at(1));
      objects.set(`_promotions/${name}/2027.json`, Buffer.from('no JSON'));
      objects.set(`_promotions/${name}/2028.json`, Buffer.from('{"version": "3"}'));
      objects.set(`_promotions/${name}-2/2026-03-01T08-00-00-000Z-00000000.json`, Buffer.from('{}'));
      assert.equal(await versions(), '1.0.0');
      const refused = makePromotions(bucket, name, tryModel, refusing);
      await assert.rejects(refused.promote('1.1.0', at(2)));
      await refused.promote('1.1.0', at(3), { anyway: 'it is better' });
      const told = { before: '1.0.0', refusals: ['No.'] };
      assert.partialDeepStrictEqual(await history(2), [
        { ...told, version: '1.1.0', reason: 'it is better' },
        { ...told, version: '1.1.0', isRefused: true },
      ]);
    });
  });

  describe('promoting a version', () => {
    test('writes all that is known about it in one write', async () => {
      await promote('1.0.0', at(1));
      const about = { by: 'ada', reason: 'wetter', isRollback: false, digest: stored().digest };
      assert.match(about.digest, /^sha256:[0-9a-f]{64}$/);
      const order = { nth: 2, promotedAt: at(2).toISOString(), before: ['1.0.0'], replaced: '1.0.0' };
      const second = { version: '1.1.0', ...order };
      const promoted = await promote('1.1.0', at(2), { by: 'ada', reason: 'wetter' });
      const { digest } = stored();
      assert.deepEqual(promoted, { name, ...second, ...about, digest, wasPromoted: false, faster: null, notes: [] });
      assert.deepEqual(stored(), { ...second, ...about, digest });
      assert.equal(written.filter((key) => key === `${name}/promoted.json`).length, 2);
      const { wasPromoted: _, faster: __, notes: ___, ...promotion } = await promote('1.1.0', at(3));
      assert.deepEqual(promotion, await makeModels(bucket.read, name).promotion());
    });

    for (const [own, former, noted] of [
      [false, true, true],
      [true, true, false],
      [false, false, false],
    ])
      test(`notes that no gate follows: ${noted}, if it has one: ${own}, and the one before: ${former}`, async () => {
        const gate = { min_agreement: 0.9 };
        for (const [version, isGated] of [
          ['1.0.0', former],
          ['1.1.0', own],
        ] as const) {
          objects.delete(`${name}/${version}/item.json`);
          await putVersion(objects, version, [`${PROPERTIES}/swath:gate`, isGated ? gate : undefined]);
        }
        await promote('1.0.0', at(1));
        const { notes } = await promote('1.1.0', at(2));
        assert.equal(notes.length, noted ? 1 : 0);
        if (noted) assert.match(notes[0]!, /^swath:gate: found none, and the version before has one\./);
      });

    test('notes that a truth in scene files is another class than for the version before', async () => {
      const named = (place: number, name: string) => [`${OUTPUT}/classification:classes/${place}/name`, name] as const;
      await putVersion(objects, '1.1.0', named(1, 'cows-2'), named(2, 'cows-1'));
      await putVersion(objects, '2.0.0', [`${PROPERTIES}/swath:truth`, null]);
      const notes: string[] = [];
      for (const version of ['1.0.0', '1.1.0', '2.0.0']) notes.push(...(await promote(version, at(1))).notes);
      assert.deepEqual(notes, [
        'swath:truth: the truth 1 in a scene file is cows-2 for this version, and cows-1 for 1.0.0; give each class the value that the files have for it',
      ]);
    });

    test('that is promoted already changes nothing', async () => {
      await promote('1.0.0', at(1));
      const again = await promote('1.0.0', at(2));
      assert.deepEqual([again.wasPromoted, again.promotedAt, written.length], [true, at(1).toISOString(), 3]);
    });

    test('after a promotion without a time and a history keeps the version of that', async () => {
      objects.set(`${name}/promoted.json`, Buffer.from('{"version": "1.0.0"}'));
      assert.deepEqual((await promote('1.1.0', at(1))).before, ['1.0.0']);
    });

    test('replaces an unreadable promotion', async () => {
      objects.set(`${name}/promoted.json`, Buffer.from('1.0.0'));
      assert.deepEqual((await promote('1.1.0', at(1))).before, []);
    });

    test('remembers at most twenty versions', async () => {
      for (let day = 1; day <= 25; day += 1) await promote(day % 2 === 0 ? '1.0.0' : '1.1.0', at(day));
      assert.equal(stored().before.length, 20);
      assert.equal((await readPromotions(bucket, name, 50)).length, 25);
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
        const message = new RegExp(`^${name} ${version} cannot be promoted: .*${says}\\.$`);
        await assert.rejects(promote(version, at(1)), { name: 'NotPromotable', message });
        assert.deepEqual(written, []);
      });

    test('that was not published by swath is tried first, and refused if it cannot run', async () => {
      await promote('1.0.0', at(1));
      assert.deepEqual(tried, ['x']);
      objects.set(`${name}/1.1.0/model.onnx`, Buffer.from('other'));
      const message = `${name} 1.1.0 cannot be promoted: what is published under that version cannot run: model.onnx: onnxruntime cannot load it (no).`;
      await assert.rejects(promote('1.1.0', at(2)), { name: 'NotPromotable', message });
      assert.deepEqual([tried, stored().version], [['x', 'other'], '1.0.0']);
    });

    test('is refused if its own item names another version', async () => {
      objects.set(`${name}/1.1.0/item.json`, objects.get(`${name}/2.0.0/item.json`)!);
      const message =
        /^\S+ 1\.1\.0 cannot be promoted: what .* is droughtwatch-baseline 2\.0\.0, as its item\.json has/;
      await assert.rejects(promote('1.1.0', at(1)), { name: 'NotPromotable', message });
      assert.deepEqual([written, tried], [[], []]);
    });

    test('passes on the error if the trial of its model was stopped', async () => {
      const stopped = new Error('too long');
      const promotions = makePromotions(bucket, name, () => Promise.reject(stopped));
      await assert.rejects(promotions.promote('1.0.0', at(1)), stopped);
      assert.deepEqual(written, []);
    });

    test('is not tried on a transient error of the bucket', async () => {
      const read = () => Promise.reject(new TransientTrouble('slow down'));
      const promotions = makePromotions({ ...bucket, read }, name, tryModel);
      await assert.rejects(promotions.promote('1.0.0', at(1)), TransientTrouble);
      assert.deepEqual(written, []);
    });
  });

  describe('rolling back', () => {
    test('promotes the previous version, and then the one before that', async () => {
      const digests = new Map<string, string | null>();
      for (const [i, version] of ['1.0.0', '1.1.0', '2.0.0'].entries())
        digests.set(version, (await promote(version, at(i + 1))).digest);
      await rollback(at(4));
      assert.equal(stored().digest, digests.get('1.1.0'));
      assert.partialDeepStrictEqual(stored(), { version: '1.1.0', before: ['1.0.0'], replaced: '2.0.0', nth: 4 });
      await rollback(at(5));
      assert.partialDeepStrictEqual(stored(), { version: '1.0.0', before: [], replaced: '1.1.0', nth: 5 });
      const message = /^Nothing is known of a version that was promoted before droughtwatch-baseline 1\.0\.0\. Promote/;
      await assert.rejects(rollback(at(6)), { name: 'NotPromotable', message });
    });

    test('is refused if nothing was promoted before', async () => {
      await assert.rejects(rollback(at(1)), { name: 'NotPromotable', message: /nothing to go back to\.$/ });
    });

    test('is refused if the previous version is gone or changed, and the promoted one stays', async () => {
      await promote('1.0.0', at(1));
      await promote('1.1.0', at(2));
      objects.delete(`${name}/1.0.0/model.onnx`);
      await assert.rejects(rollback(at(3)), { name: 'NotPromotable', message: /1\.0\.0 cannot be promoted/ });
      objects.set(`${name}/1.0.0/model.onnx`, Buffer.from('changed'));
      const message =
        /1\.0\.0 cannot .*model\.onnx: found sha256:\w+, allowed is sha256:\w+, as published at 2026-03-01/;
      await assert.rejects(rollback(at(3)), { name: 'NotPromotable', message });
      assert.equal(stored().version, '1.1.0');
    });
  });

  test('rolling back from the version that was shown is refused if another version is live by now', async () => {
    await promoteAll();
    for (const [from, to] of ['1.1.0 1.0.0', '2.0.0 1.0.0', '1.0.0 1.1.0'].map((both) => both.split(' '))) {
      const message = new RegExp(`does not go back from ${from} to ${to}: somebody promoted 2\\.0\\.0 in `);
      const going = rollback(at(4), { seen: { from: from!, to: to! } });
      await assert.rejects(going, { name: 'NotPromotable', message });
    }
    objects.set(`${name}/promoted.json`, Buffer.from('{"version": "1.0.0"}'));
    const late = rollback(at(4), { seen: { from: '2.0.0', to: '1.1.0' } });
    await assert.rejects(late, /: somebody promoted 1\.0\.0 at an unknown time meanwhile\./);
    await promote('2.0.0', at(5));
    assert.equal((await rollback(at(6), { seen: { from: '2.0.0', to: '1.0.0' } })).version, '1.0.0');
  });

  describe('concurrent promotions', () => {
    /** Somebody else does this just before the write that would decide. */
    const racing = (other: () => Promise<unknown>, gate?: Gate) => {
      let isFirst = true;
      const replaceVersion: typeof bucket.replaceVersion = async (key, bytes, version) => {
        if (key === `${name}/promoted.json` && isFirst) {
          isFirst = false;
          await other();
        }
        return bucket.replaceVersion(key, bytes, version);
      };
      return makePromotions({ ...bucket, replaceVersion }, name, tryModel, gate);
    };
    const bob = { by: 'bob', reason: null };

    test('return who was faster, and the gate is applied again to the version that is live by then', async () => {
      await promote('1.0.0', at(1));
      const asked: string[] = [];
      const gate: Gate = async ({ version }, live) => {
        asked.push(`${version} for ${live.version}`);
        return { refusals: [] };
      };
      const { promote: race } = racing(() => promote('1.1.0', at(2), bob), gate);
      const { replaced, before, faster } = await race('2.0.0', at(2), { by: 'ada' });
      assert.deepEqual([replaced, before, faster?.by, faster?.version], ['1.1.0', ['1.1.0', '1.0.0'], 'bob', '1.1.0']);
      assert.deepEqual(asked, ['2.0.0 for 1.0.0', '2.0.0 for 1.1.0']);
      await rollback(at(3));
      assert.equal(stored().version, '1.1.0', 'a rollback passes over nobody');
    });

    test('are refused if the gate does not pass against the version that is live by then', async () => {
      await promote('1.0.0', at(1));
      const gate: Gate = async (_, { version }) => ({
        refusals: version === '1.0.0' ? [] : [{ rule: 'min_agreement', sentence: 'They differ.' }],
      });
      const { promote: race } = racing(() => promote('1.1.0', at(2), bob), gate);
      const message = `${name} 2.0.0 is not promoted, 1.1.0 stays. bob promoted 1.1.0 in the place of 1.0.0 at ${at(2).toISOString()} while this was checked. They differ.`;
      await assert.rejects(race('2.0.0', at(2)), { message });
      assert.equal(stored().version, '1.1.0');
    });

    test('of the same version return that it is already promoted', async () => {
      await promote('1.0.0', at(1));
      const { promote: race } = racing(() => promote('1.1.0', at(2), bob));
      const { wasPromoted, by, faster } = await race('1.1.0', at(2), { by: 'ada' });
      assert.deepEqual([wasPromoted, by, faster?.by], [true, 'bob', 'bob']);
    });

    test('make a rollback fail with the reason if another rollback was faster', async () => {
      await promoteAll();
      const { rollback: race } = racing(() => rollback(at(4), bob));
      const message = `${name} does not go back from 2.0.0 to 1.1.0: bob went back to 1.1.0 in the place of 2.0.0 at ${at(4).toISOString()} meanwhile. Look at "swath model history", and roll back again if that is what you want.`;
      await assert.rejects(race(at(4)), { name: 'NotPromotable', message });
      assert.equal(stored().version, '1.1.0');
    });

    test('who promotes over what was removed meanwhile promotes the first version', async () => {
      await promote('1.0.0', at(1));
      const { promote: race } = racing(async () => objects.delete(`${name}/promoted.json`));
      const { version, before, replaced } = await race('2.0.0', at(2));
      assert.deepEqual([version, before, replaced, stored().version], ['2.0.0', [], null, '2.0.0']);
    });

    test('who promotes over one version does so over no other, nor over the same once it is promoted again', async () => {
      const over = await promote('1.0.0', at(1));
      await promote('1.1.0', at(2));
      await rollback(at(3));
      const refused = { name: 'NotPromotable', message: /^\S+ 2\.0\.0 is not / };
      await assert.rejects(promote('2.0.0', at(4), { over }), refused);
      objects.set(`${name}/promoted.json`, Buffer.from('{"version": "1.1.0"}'));
      const byHand = { ...over, nth: 0 };
      await assert.rejects(promote('2.0.0', at(4), { over: byHand }), { name: 'NotPromotable' });
      const { version } = await promote('2.0.0', at(4), { over: { ...byHand, version: '1.1.0' } });
      assert.equal(version, '2.0.0');
    });

    test('are not assumed if only the response of the own write was lost', async () => {
      await promote('1.0.0', at(1));
      const replaceVersion: typeof bucket.replaceVersion = async (...write) => {
        await bucket.replaceVersion(...write);
        return null;
      };
      const lost = makePromotions({ ...bucket, replaceVersion }, name, tryModel);
      await promote('1.1.0', at(2));
      const { wasPromoted, faster, version } = await lost.rollback(at(3), bob);
      assert.deepEqual([wasPromoted, faster, version], [false, null, '1.0.0']);
    });

    test('use the gate for each replacement, but not for the first promotion or a rollback', async () => {
      const asked: string[] = [];
      const { promote: gated, rollback: back } = makePromotions(bucket, name, tryModel, async ({ version }, live) => {
        asked.push(`${version} for ${live.version}`);
        return { refusals: [] };
      });
      for (const [i, version] of ['1.0.0', '1.1.0', '2.0.0'].entries()) await gated(version, at(i + 1));
      await back(at(4));
      await gated('1.0.0', at(5));
      assert.deepEqual(asked, ['1.1.0 for 1.0.0', '2.0.0 for 1.1.0', '1.0.0 for 1.1.0']);
    });
  });
});
