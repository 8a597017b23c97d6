import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { heightsPackage } from '../../../test/benches/heights.ts';
import { PROPERTIES, putVersion } from '../../../test/benches/packages.ts';
import { type Guess, MODEL, startTestService } from '../../../test/benches/service.ts';
import { promotionsPrefix } from '../../base/keys.ts';
import type { GateRules } from '../../package/gateRules.ts';
import { readPromotions } from '../promotionHistory.ts';
import { makePromotions } from '../promotions.ts';
import { makeFollowCandidate } from './followCandidate.ts';

const FROM = 'mlflow:drought@champion';
const CANDIDATE = { name: MODEL.name, version: '1.1.0' };
const GATE = 'min_agreement=0.9,min_chips=10';
const DAY = 86_400;

describe('a candidate from a registry', () => {
  let swath: Awaited<ReturnType<typeof startTestService>>;

  const put = (version: string, gate?: GateRules) =>
    putVersion(swath.models, version, [`${PROPERTIES}/swath:gate`, gate]);

  /** The same of a model of values, of which none is right or wrong, and which has no classes to agree on. */
  async function putValues(version: string): Promise<void> {
    const names = [`${PROPERTIES}/mlm:name`, MODEL.name] as const;
    const files = await heightsPackage([...names], [`${PROPERTIES}/version`, version]);
    for (const [file, content] of Object.entries(files))
      swath.models.set(`${MODEL.name}/${version}/${file}`, Buffer.from(content));
  }

  const classified = (chips: number, differing: number) => swath.classified(chips, differing, CANDIDATE);
  const follow = (promotionGate = GATE) =>
    makeFollowCandidate({ ...swath.service, tryModel: async () => {}, promotionGate }, FROM);
  const live = async () => (await swath.service.models.promotion())?.version;
  const shadow = async () => (await swath.service.models.shadow())?.version;
  const history = () => readPromotions(swath.service.modelBucket, MODEL.name, 9);

  beforeEach(async () => {
    swath = await startTestService();
    await put('1.0.0');
    await put('1.1.0');
  });

  test('whose promotion was interrupted before its record and the end of its shadow gets both at the next check', async () => {
    const since = '2026-11-13T00:00:00.000Z';
    const shadowed = { shadow: { version: '1.1.0', share: 1, since, by: FROM } };
    swath.models.set(`${MODEL.name}/shadow.json`, Buffer.from(JSON.stringify(shadowed)));
    const promotion = { version: '1.1.0', nth: 1, promotedAt: since, before: ['1.0.0'], replaced: '1.0.0', by: FROM };
    swath.models.set(`${MODEL.name}/promoted.json`, Buffer.from(JSON.stringify(promotion)));
    const records = () => swath.service.modelBucket.list(promotionsPrefix(MODEL.name));
    assert.deepEqual(await records(), []);
    assert.equal((await follow().decide(CANDIDATE)).state, 'promoted');
    assert.equal((await records()).length, 1);
    assert.equal(await shadow(), undefined);
  });

  test('is left to people where its gate was taken away while it shadowed', async () => {
    assert.equal((await follow().begin(CANDIDATE)).state, 'shadows');
    const said = 'No gate rule applies to it any more, so a person has to promote it.';
    assert.deepEqual(await follow('').decide(CANDIDATE), { state: 'left', said });
    assert.equal(await live(), '1.0.0');
  });

  test('is left to people if neither the stage nor the live version has a gate, even if its own package has one', async () => {
    await put('1.1.0', { min_agreement: 0 });
    const said = 'It classifies nothing until somebody promotes it.';
    assert.deepEqual(await follow('').begin(CANDIDATE), { state: 'left', said });
    assert.equal(await shadow(), undefined);
  });

  test('shadows the live version if only the live package has a gate', async () => {
    await put('1.0.0', { min_agreement: 0.9 });
    assert.equal((await follow('').begin(CANDIDATE)).state, 'shadows');
    assert.equal(await shadow(), '1.1.0');
  });

  describe('if there is a shadow already', () => {
    const other = { version: '1.0.5', share: 0.2, since: '2026-11-13T00:00:00.000Z' };
    const began = (by?: string) => ({ ...other, ...(by && { by }) });
    const putShadow = (shadow: object) =>
      swath.models.set(`${MODEL.name}/shadow.json`, Buffer.from(JSON.stringify({ shadow })));

    test('waits for the end of a shadow that a person began, and names that person', async () => {
      putShadow(began('ann'));
      const { state, said } = await follow().begin(CANDIDATE);
      assert.equal(state, 'queues');
      assert.match(said, /^1\.0\.5 shadows the live version now: ann has begun that at 2026-11-13T00:00:00\.000Z\. /);
      assert.deepEqual(await swath.service.models.shadow(), began('ann'));
      putShadow(began());
      assert.equal((await follow().begin(CANDIDATE)).state, 'queues', 'of whom nobody knows is a person, too');
      swath.models.set(`${MODEL.name}/shadow.json`, Buffer.from('{"shadow": null}'));
      assert.equal((await follow().begin(CANDIDATE)).state, 'shadows');
      assert.partialDeepStrictEqual(await swath.service.models.shadow(), { version: '1.1.0', share: 1, by: FROM });
    });

    test('replaces a shadow that the alias pointed to before', async () => {
      putShadow(began(FROM));
      const { state, said } = await follow().begin(CANDIDATE);
      assert.equal(state, 'shadows');
      assert.match(said, /^It classifies beside the live version from now on in the place of 1\.0\.5, /);
      assert.equal(await shadow(), '1.1.0');
    });

    test('continues as the shadow that a person began with the same version, with its share of the files', async () => {
      const own = { ...began('ann'), version: '1.1.0' };
      putShadow(own);
      const { state, said } = await follow().begin(CANDIDATE);
      assert.equal(state, 'shadows');
      assert.match(said, /^It shadows the live version already, since 2026-11-13T00:00:00\.000Z\. After 7 days /);
      assert.deepEqual(await swath.service.models.shadow(), own);
    });
  });

  test('that shadows the live version already goes on, and its week begins no second time', async () => {
    await follow().begin(CANDIDATE);
    const { since } = (await swath.service.models.shadow())!;
    swath.wait(DAY);
    const { state, said } = await follow().begin(CANDIDATE);
    assert.equal(state, 'shadows');
    assert.ok(said.startsWith(`It shadows the live version already, since ${since}.`), said);
    assert.equal((await swath.service.models.shadow())?.since, since);
  });

  test('is left to people if there is no live version to shadow', async () => {
    swath.models.delete(`${MODEL.name}/promoted.json`);
    const { state, said } = await follow().begin(CANDIDATE);
    assert.equal(state, 'left');
    assert.match(said, /No version of droughtwatch-baseline is promoted, so there is none to shadow/);
  });

  test('is promoted after a week, and not before, if it passes the gate', async () => {
    await follow().begin(CANDIDATE);
    await classified(20, 1);
    swath.wait(6 * DAY);
    assert.equal((await follow().decide(CANDIDATE)).state, 'shadows');
    assert.equal(await live(), '1.0.0');
    swath.wait(DAY);
    const { state, said } = await follow().decide(CANDIDATE);
    assert.equal(state, 'promoted');
    assert.match(said, /^It has shadowed the live version since 2026-\S+, and the gate lets it pass\.$/);
    assert.deepEqual([await live(), await shadow()], ['1.1.0', undefined]);
    const [latest] = await history();
    assert.deepEqual([latest?.version, latest?.by, latest?.reason], ['1.1.0', FROM, said]);
    assert.deepEqual(await follow().decide(CANDIDATE), { state: 'promoted', said }, 'by whoever was cut off behind it');
  });

  test('is refused with the figures, recorded, and stops shadowing if it fails the gate', async () => {
    await follow().begin(CANDIDATE);
    await classified(20, 5);
    swath.wait(7 * DAY);
    const { state, said } = await follow().decide(CANDIDATE);
    assert.equal(state, 'refused');
    assert.match(
      said.replaceAll('\u00a0', ' '),
      /1\.1\.0 is not promoted, 1\.0\.0 stays\.\n\nAgreement: .* 75 % of 20 chips/,
    );
    const [latest] = await history();
    assert.ok(latest !== undefined && 'isRefused' in latest);
    await classified(20, 0); // the gate is not asked again
    const again = await follow().decide(CANDIDATE);
    assert.equal(again.state, 'refused', 'whoever was cut off before it was told finds it so');
    assert.match(again.said.replaceAll('\u00a0', ' '), /1\.1\.0 is not promoted\.\n\nAgreement: .* 75 % of 20 chips/);
    assert.equal((await history()).length, 2);
    await follow().end(CANDIDATE);
    assert.deepEqual([await live(), await shadow()], ['1.0.0', undefined]);
    assert.equal((await follow().decide(CANDIDATE)).state, 'left');
  });

  test('is left to people if no rule can apply to its task', async () => {
    for (const version of ['1.0.0', '1.1.0']) await putValues(version);
    assert.equal((await follow('max_accuracy_drop=0.02,min_agreement=0.9').begin(CANDIDATE)).state, 'left');
    assert.equal((await follow('max_time_ratio=2').begin(CANDIDATE)).state, 'shadows');
  });

  test('waits for data, however long that takes', async () => {
    await follow().begin(CANDIDATE);
    swath.wait(9 * DAY);
    const { state, said } = await follow().decide(CANDIDATE);
    assert.equal(state, 'waits');
    assert.match(said, /have both classified 0 chips, needed are 10/);
    assert.equal((await history()).length, 1, 'and nothing is refused meanwhile');
    await classified(20, 0);
    assert.equal((await follow().decide(CANDIDATE)).state, 'promoted');
  });

  test('goes on as a shadow where another version is promoted while its gate is asked', async () => {
    await put('1.2.0');
    await follow().begin(CANDIDATE);
    swath.wait(8 * DAY);
    const { modelBucket } = swath.service;
    const { promote } = makePromotions(modelBucket, MODEL.name, async () => {});
    const askGate = async () => {
      await promote('1.2.0', swath.service.now(), { by: 'ada', reason: null });
      return { refusals: [] };
    };
    const ports = { ...swath.service, tryModel: async () => {}, promotionGate: GATE };
    const { state, said } = await makeFollowCandidate(ports, FROM, askGate).decide(CANDIDATE);
    assert.equal(state, 'shadows');
    assert.match(said, /1\.1\.0 is not promoted: ada promoted 1\.2\.0 in the place of 1\.0\.0 at \S+ meanwhile\.$/);
    assert.deepEqual([await live(), await shadow()], ['1.2.0', '1.1.0']);
  });

  test('is not said to have shadowed a version that others promoted meanwhile', async () => {
    await put('1.2.0');
    await follow().begin(CANDIDATE);
    await makePromotions(swath.service.modelBucket, MODEL.name, async () => {}).promote('1.2.0', swath.service.now());
    const chips = Array.from({ length: 20 }, (): Guess => ({ class: 0 }));
    for (const version of ['1.2.0', '1.1.0']) await swath.finish('a', chips, { ...MODEL, version });
    swath.wait(8 * DAY);
    assert.match((await follow().decide(CANDIDATE)).said, /^It has shadowed the live version since /);
  });

  test('is left to people if one of them ended its shadow or promoted it', async () => {
    assert.equal((await follow().decide(CANDIDATE)).state, 'left');
    await follow().begin(CANDIDATE);
    const live = swath.models.get(`${MODEL.name}/promoted.json`)!;
    swath.models.delete(`${MODEL.name}/promoted.json`);
    assert.equal((await follow().decide(CANDIDATE)).state, 'left', 'nothing is live that it could replace');
    swath.models.set(`${MODEL.name}/promoted.json`, live);
    assert.equal((await follow().decide(CANDIDATE)).state, 'shadows');
    swath.models.set(`${MODEL.name}/promoted.json`, Buffer.from(JSON.stringify({ version: '1.1.0' })));
    assert.deepEqual(await follow().decide(CANDIDATE), { state: 'left', said: 'Somebody has promoted it.' });
  });
});
