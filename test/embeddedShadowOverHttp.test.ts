import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { tryModel } from '../cli/models/tryModel.ts';
import { packageKey } from '../core/base/keys.ts';
import type { PredictionsBody } from '../core/doors/online/answer.ts';
import type { LedgerRow } from '../core/ledger/ledgerRow.ts';
import { compareRuns, pairedChips, pairRuns } from '../core/releases/comparison/compareRuns.ts';
import { isInShare } from '../core/releases/shadow.ts';
import { makeShadowing } from '../core/releases/shadowing.ts';
import { readPredictedParts } from '../core/results/predictions.ts';
import { folderBucket } from '../local/buckets/folderBucket.ts';
import { type OnlineStack, STATLOG, startOnlineStack, statlogRow } from './benches/onlineStack.ts';

/** A candidate version shadows what is predicted over HTTP, on the embedded stack: from an answer to where two versions are compared. */

const CANDIDATE = { name: STATLOG.name, version: '1.1.0' };
/** What makes the same network another model. */
const SCALING = `"value_scaling": [${Array(36).fill('{ "type": "scale", "value": 0.7 }').join(', ')}]`;

describe('a shadow of predictions over HTTP on the embedded stack', { timeout: 180_000 }, () => {
  let online: OnlineStack;
  let shadowing: ReturnType<typeof makeShadowing>;
  const readResult = async (key: string) => readFileSync(join(online.stack.folder.results, ...key.split('/')));

  before(async () => {
    online = await startOnlineStack();
    const bucket = folderBucket(online.stack.folder.models);
    shadowing = makeShadowing(bucket, STATLOG.name, tryModel);
    await publish(CANDIDATE.version);
  });
  after(() => online.close());

  /** The same network under another version, which is given more than the sensor has seen. */
  async function publish(version: string): Promise<void> {
    const bucket = folderBucket(online.stack.folder.models);
    for (const key of await bucket.list(packageKey(STATLOG, ''))) {
      if (key.endsWith('/sample.json')) continue;
      const file = key.slice(packageKey(STATLOG, '').length);
      const bytes = await bucket.read(key);
      const text = () => new TextDecoder().decode(bytes).replace('"version": "1.0.0"', `"version": "${version}"`);
      const changed = () => new TextEncoder().encode(text().replace('"value_scaling": null', SCALING));
      await bucket.write(packageKey({ ...STATLOG, version }, file), file === 'item.json' ? changed() : bytes);
    }
  }

  const predict = async (inputs: readonly object[]) =>
    (await online.post('predictions', { inputs })) as PredictionsBody;
  const noticed = () => new Promise((resolve) => setTimeout(resolve, 2100));

  /** Waits until so many predictions more are counted, and nothing is on its way. */
  let counted = 0;
  async function rest(more: number): Promise<void> {
    counted += more;
    const found = async () => (await rowsOf(false)).reduce((sum, { chips = 0 }) => sum + chips, 0);
    for (let i = 0; i < 300 && (await found()) < counted; i += 1) await online.rest();
    assert.equal(await found(), counted);
    await online.rest();
  }

  async function rowsOf(ofShadows: boolean): Promise<LedgerRow[]> {
    return (await online.stack.ledger.byState('DONE', { ofShadows, limit: 100 })).rows;
  }

  async function chipsOf(rows: readonly LedgerRow[]) {
    const found = [];
    for (const row of rows) for await (const chips of readPredictedParts(readResult, row)) found.push(...chips);
    return found;
  }

  test('sees each input that was answered, in the place that it has there, and counts nowhere', async () => {
    await shadowing.begin(CANDIDATE.version, 1, online.stack.now());
    await noticed();
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        predict([{ id: `a${i}`, values: statlogRow(40 + 5 * i) }, { values: [1] }, { values: statlogRow(90 - i) }]),
      ),
    );
    await rest(24);
    const [live, shadows] = [await rowsOf(false), await rowsOf(true)];
    assert.equal(shadows.length, live.length);
    for (const row of shadows) {
      const of = live.find(({ digest }) => digest === row.digest);
      const { scene, chips, blank, batch, day } = of!;
      assert.partialDeepStrictEqual(row, { model: CANDIDATE, shadow: true, parts: 1, scene, chips, blank, batch, day });
    }
    assert.match(
      await online.metrics(),
      /^swath_shadowed_inputs_total\{model="landsat-statlog",version="1\.1\.0",seen="yes"\} 24$/m,
    );
    const [ofLive, ofShadow] = [await chipsOf(live), await chipsOf(shadows)];
    assert.deepEqual([ofLive.length, ofShadow.length], [24, 24]);
    assert.deepEqual(ofShadow.map(({ id }) => id).sort(), ofLive.map(({ id }) => id).sort());
    const answered = answers.flatMap(({ predictions }) => predictions.flatMap((one) => one['class'] ?? []));
    assert.deepEqual(ofLive.map(({ text }) => text).sort(), answered.sort(), 'what was answered is what counts');
    const bySql = await online.rows('SELECT version, count(*) FROM predictions GROUP BY version');
    assert.deepEqual(
      bySql.map(([version, chips]) => [version, Number(chips)]),
      [[STATLOG.version, 24]],
    );
  });

  test('predicts what the model predicts by itself, input by input, and is compared at once with the answers', async () => {
    const ask = async (version: string, values: readonly number[]) => {
      const body = (await online.post(`predictions?version=${version}`, { inputs: [{ values }] })) as PredictionsBody;
      return body.predictions[0]!['class'];
    };
    const [live, shadows] = [await rowsOf(false), await rowsOf(true)];
    const paired = pairRuns(live, shadows);
    const wanted = new Map<string, string>();
    for (const i of [0, 3, 7, 11]) wanted.set(`a${i}`, String(await ask(CANDIDATE.version, statlogRow(40 + 5 * i))));
    let [pairs, differing] = [0, 0];
    for await (const { first, second } of pairedChips(readResult, paired)) {
      pairs += 1;
      assert.deepEqual([first.member, first.id], [second.member, second.id]);
      if (wanted.has(first.member!)) assert.equal(second.text, wanted.get(first.member!), first.member!);
      if (first.text !== second.text) differing += 1;
    }
    assert.equal(pairs, 24);
    assert.ok(differing > 0, 'it is another model');
    const { models, readResult: read } = online.service;
    const [first, second] = await Promise.all([models.load(STATLOG), models.load(CANDIDATE)]);
    const compared = await compareRuns(
      { ledger: online.stack.ledger, readResult: read, openResult: null },
      { first, second, since: new Date(0) },
    );
    assert.deepEqual([compared.chips, compared.alone], [24, { first: 0, second: 0 }]);
    assert.deepEqual(compared.milliseconds, { first: null, second: null }, 'nobody says how long it has taken');
    await rest(wanted.size); // what a version is asked for by its name counts as its own
  });

  test('has a share of the requests, which their ids decide', async () => {
    await shadowing.begin(CANDIDATE.version, 0.5, online.stack.now());
    await noticed();
    const before = (await chipsOf(await rowsOf(true))).length;
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => predict([{ values: statlogRow(30 + i) }])));
    await rest(20);
    const among = answers.filter(({ request }) => isInShare(hash('sha256', request), 0.5)).length;
    assert.equal((await chipsOf(await rowsOf(true))).length - before, among);
    const [live, shadows] = [await rowsOf(false), await rowsOf(true)];
    for (const row of shadows) assert.ok(row.chips! <= live.find(({ digest }) => digest === row.digest)!.chips!);
  });

  test('that fails leaves the answers, and what counts, as they are', async () => {
    await publish('1.2.0');
    await shadowing.begin('1.2.0', 1, online.stack.now());
    rmSync(
      join(online.stack.folder.models, ...packageKey({ ...CANDIDATE, version: '1.2.0' }, 'model.onnx').split('/')),
    );
    await noticed();
    const [live, shadows] = [await rowsOf(false), await rowsOf(true)];
    const { request } = await predict([{ values: statlogRow(77) }]);
    await rest(1);
    const [[chips] = []] = await online.rows(`SELECT count(*) FROM predictions WHERE request_id = '${request}'`);
    assert.equal(Number(chips), 1);
    assert.equal((await rowsOf(false)).length, live.length + 1);
    assert.equal((await rowsOf(true)).length, shadows.length);
    assert.deepEqual((await online.stack.ledger.byState('FAILED', { ofShadows: true })).rows, []);
    assert.match(
      await online.metrics(),
      /^swath_shadowed_inputs_total\{model="landsat-statlog",version="1\.2\.0",seen="no"\} 1$/m,
    );
  });

  test('that has ended sees nothing more', async () => {
    await shadowing.end();
    await noticed();
    const shadows = await rowsOf(true);
    await predict([{ values: statlogRow(78) }]);
    await rest(1);
    assert.equal((await rowsOf(true)).length, shadows.length);
  });
});
