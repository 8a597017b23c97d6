import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { publishModel } from '../cli/models/publishModel.ts';
import { tryModel } from '../cli/models/tryModel.ts';
import { packageKey } from '../core/base/keys.ts';
import { makeMetricsTable } from '../core/drift/metricsTable.ts';
import { predictionsIn } from '../core/drift/totals.ts';
import type { LedgerRow } from '../core/ledger/ledgerRow.ts';
import { STATES } from '../core/ledger/states.ts';
import { pairedChips, pairRuns } from '../core/releases/comparison/compareRuns.ts';
import { makePromotions } from '../core/releases/promotions.ts';
import { makeShadowing } from '../core/releases/shadowing.ts';
import { readPredictedParts } from '../core/results/predictions.ts';
import { folderBucket } from '../local/buckets/folderBucket.ts';
import { startStack } from '../local/stack/stack.ts';
import { METRICS_TABLE } from '../local/tables/tables.ts';
import { countsIn } from './benches/summaries.ts';
import { sceneOf } from './scenes.ts';

/** A candidate version shadows the live one, on the embedded stack: its runs are there to be compared, and count nowhere. */

const NAME = 'droughtwatch-baseline';
const LIVE = { name: NAME, version: '1.0.1' };
const CANDIDATE = { name: NAME, version: '1.1.0' };
const HOURS = 3_600_000;

const home = mkdtempSync(join(tmpdir(), 'swath-shadow-'));
const stack = await startStack({
  dataDir: join(home, 'data'),
  command: 'a test',
  parameters: { chipsPerPart: 40 },
  onError: (...trouble) => assert.fail(String(trouble)),
});
after(async () => {
  await stack.close();
  rmSync(home, { recursive: true });
});
stack.clock.set(new Date('2026-03-02T08:00:00Z'));
const { ledger } = stack;
const bucket = folderBucket(stack.folder.models);
const metrics = makeMetricsTable(stack.tables, METRICS_TABLE);
const shadowing = makeShadowing(bucket, NAME, tryModel);
await publish(LIVE.version);
// The same network, which is given twice what the sensors have seen.
await publish(CANDIDATE.version, (item) => item.replace('"value": 255', '"value": 127.5'));
await makePromotions(bucket, NAME, tryModel).promote(LIVE.version, stack.now());

async function publish(version: string, change = (item: string) => item): Promise<void> {
  const folder = join(home, version);
  cpSync(fileURLToPath(new URL('../models/droughtwatch-baseline/1.0.0', import.meta.url)), folder, { recursive: true });
  rmSync(join(folder, 'sample.json'), { force: true });
  const item = readFileSync(join(folder, 'item.json'), 'utf8').replace('"version": "1.0.0"', `"version": "${version}"`);
  writeFileSync(join(folder, 'item.json'), change(item));
  await publishModel(bucket, folder);
}

/** Chips that are classified, as the others are blank. */
const classified = ({ chips = 0, blank = 0 }: LedgerRow) => chips - blank;

/** The run of a new file, and that of its shadow, if it has one. */
async function send(count: number): Promise<{ live: LedgerRow; shadow: LedgerRow | undefined }> {
  const file = join(home, 'file');
  writeFileSync(file, sceneOf(crypto.randomUUID(), count));
  const scene = await stack.put(file, crypto.randomUUID());
  assert.equal((await stack.deliver(scene)).status, 'SUCCEEDED');
  await stack.idle();
  const [live, ...others] = await ledger.ofScene(scene);
  assert.deepEqual([live?.state, live?.model, others], ['DONE', LIVE, []]);
  const [shadow, ...more] = await ledger.shadowsOf(scene);
  assert.equal(more.length, 0);
  return { live: live!, shadow };
}

const readResult = async (key: string) => readFileSync(join(stack.folder.results, ...key.split('/')));
const textsOf = async (row: LedgerRow) =>
  (await listOf(readPredictedParts(readResult, row))).flat().map(({ index, text }) => `${index} ${text}`);

async function listOf<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const list: Value[] = [];
  for await (const value of values) list.push(value);
  return list;
}

async function published(version: string): Promise<number> {
  const dimensions = { Stage: 'local', Model: NAME, Version: version };
  const span = { from: new Date('2026-03-01T00:00:00Z'), to: new Date(stack.now().getTime() + HOURS) };
  const metric = { namespace: 'Swath', name: 'VersionPredictions', dimensions };
  const points = await stack.readMetrics.read({ metric, statistic: 'Sum', periodSeconds: 60, ...span });
  return points.reduce((sum, { value }) => sum + value, 0);
}

describe('a shadow on the embedded stack', { timeout: 180_000 }, () => {
  let first: { live: LedgerRow; shadow: LedgerRow };

  test('classifies the prepared parts of the live version, and has its own row', async () => {
    assert.equal((await send(90)).shadow, undefined, 'nobody has asked for one');
    await shadowing.begin(CANDIDATE.version, 1, stack.now());
    const { live, shadow } = await send(90);
    assert.ok(shadow);
    first = { live, shadow };
    assert.equal(live.parts, 3);
    const { scene, digest, day, chips, blank, parts } = live;
    const same = { scene, digest, day, chips, blank, parts };
    assert.partialDeepStrictEqual(shadow, { state: 'DONE', shadow: true, model: CANDIDATE, attempt: 1, ...same });
    assert.notEqual(shadow.run, live.run);
    const [ofLive, ofShadow] = [await textsOf(live), await textsOf(shadow)];
    assert.deepEqual([ofLive.length, ofShadow.length], [classified(live), classified(live)]);
    assert.notDeepEqual(ofLive, ofShadow, 'it is another model');
    assert.deepEqual([predictionsIn(countsIn(shadow)), countsIn(shadow).missing], [classified(live), 0]);
    assert.ok(shadow.milliseconds!.infer! > 0);
  });

  test('what it says can be compared at once, pair by pair', async () => {
    const rows = async (ofShadows: boolean) => (await ledger.byState('DONE', { ofShadows })).rows;
    const paired = pairRuns(await rows(false), await rows(true));
    assert.deepEqual([paired.first.length, paired.second[0]?.run], [1, first.shadow.run]);
    const pairs = await listOf(pairedChips(readResult, paired));
    assert.equal(pairs.length, classified(first.live));
    assert.ok(pairs.some((pair) => pair.first.text !== pair.second.text));
    assert.ok(pairs.every((pair) => pair.first.id === pair.second.id));
  });

  test('no reader finds it who looks for what counts', async () => {
    const { live, shadow } = first;
    for (const state of STATES)
      for (const row of (await ledger.byState(state)).rows) assert.notEqual(row.run, shadow.run, state);
    assert.equal(await ledger.byRun(shadow.run), undefined);
    assert.equal((await ledger.shadowByRun(shadow.run))?.run, shadow.run);
    assert.equal(await ledger.shadowByRun(live.run), undefined);
    for await (const run of ledger.ofDay(live.day!)) assert.notEqual(run.run, shadow.run);
    assert.deepEqual([await published(LIVE.version), await published(CANDIDATE.version)], [2 * classified(live), 0]);
  });

  test('a day is judged without it', async () => {
    const { day = '' } = first.live;
    stack.clock.set(new Date(Date.parse(day) + 24.5 * HOURS));
    await stack.sweep();
    const [row, ...more] = await metrics.days(LIVE, day, day);
    assert.deepEqual([row?.runs, more], [2, []]);
    assert.deepEqual(await metrics.days(CANDIDATE, day, day), []);
  });

  test('classifies the files of a batch as well, which has one file of predictions for them', async () => {
    await shadowing.begin(CANDIDATE.version, 1, stack.now());
    const scenes = [];
    for (const key of ['bulk/a', 'bulk/b']) {
      const file = join(home, 'file');
      writeFileSync(file, sceneOf(crypto.randomUUID(), 3));
      scenes.push(await stack.put(file, key));
    }
    await stack.sweep();
    for (const scene of scenes) {
      const [[live], [shadow]] = [await ledger.ofScene(scene), await ledger.shadowsOf(scene)];
      assert.deepEqual([live?.state, shadow?.state, shadow?.model], ['DONE', 'DONE', CANDIDATE]);
      assert.deepEqual([shadow?.batch, shadow?.digest, shadow?.parts], [live?.batch, live?.digest, 1]);
      const [ofLive, ofShadow] = [await textsOf(live!), await textsOf(shadow!)];
      assert.deepEqual([ofLive.length, ofShadow.length], [classified(live!), classified(live!)]);
    }
  });

  test('one that fails has it in its row, and the run that it shadows knows nothing of it', async () => {
    await shadowing.begin(CANDIDATE.version, 1, stack.now());
    // A version that nobody has used yet, so that no worker has it loaded; its network is taken away behind its back.
    await publish('1.2.0', (item) => item);
    await shadowing.begin('1.2.0', 1, stack.now());
    rmSync(join(stack.folder.models, ...packageKey({ name: NAME, version: '1.2.0' }, 'model.onnx').split('/')));
    const { live, shadow } = await send(5);
    assert.deepEqual([live.failures, live.error], [undefined, undefined]);
    assert.equal(shadow?.state, 'FAILED');
    assert.match(shadow.error!.message, /model\.onnx/);
    assert.deepEqual([shadow.error!.step, shadow.error!.attempt], ['Shadow', 1]);
    const failed = (await ledger.byState('FAILED')).rows;
    assert.deepEqual(failed, []);
    const alarms = await stack.readAlarms();
    assert.equal(alarms.find(({ id }) => id === 'failed-runs')!.state === 'ALARM', false);
  });

  test('promoted, it shadows no longer; ended, it classifies nothing more', async () => {
    await shadowing.begin(CANDIDATE.version, 1, stack.now());
    await shadowing.end();
    assert.equal((await send(3)).shadow, undefined);
    await assert.rejects(shadowing.end(), /has no shadow, so there is none to end/);
    await shadowing.begin(CANDIDATE.version, 1, stack.now());
    await makePromotions(bucket, NAME, tryModel).promote(CANDIDATE.version, stack.now());
    await assert.rejects(shadowing.end(), /has no shadow/);
  });
});
