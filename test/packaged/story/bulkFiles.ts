import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { it } from 'node:test';
import { predictionsKey, reportKey } from '../../../core/base/keys.ts';
import { executionName, runId, type SceneRef, sceneInput, sweepInput } from '../../../core/base/messages.ts';
import { encodeGeoTiff } from '../../geoTiff.ts';
import { sceneOf } from '../../scenes.ts';
import { type Fake, failure as thrown } from '../../stateMachine/runPipeline.ts';
import { SAMPLE } from './files.ts';
import { CLOSED_DAY, MODEL, noReport, type Service } from './service.ts';

/** A sweep looks a day back for files that came whole. */
const TODAY = new Date();

const dead: Fake = () => {
  throw thrown('Runtime.ExitError');
};

/** Bulk files, their batches, and what can become of those. */
export function tellOfBulkFiles(service: () => Service): void {
  /** The end of a run, and why it failed. */
  async function endOf(scene: SceneRef): Promise<[state: string | undefined, why: string | undefined]> {
    const row = await service().ledger.get(scene, MODEL);
    return [row?.state, row?.error?.name];
  }

  /** Files of a folder, of so many chips each, and the event of its marker. */
  function dropFolder(folder: string, chips: readonly number[]) {
    const { drop } = service();
    const scenes = chips.map((count, i) => drop(`${folder}/${i + 1}`, sceneOf(`${folder}/${i + 1}`, count, 5 * i)));
    return { scenes, marker: sceneInput(drop(`${folder}/_DONE`, Buffer.alloc(0))) };
  }

  it('bulk files are classified together, once the marker is in their folder', async () => {
    const { ledger, drop, run, predictionsAt } = service();
    const { scenes, marker } = dropFolder('bulk/a', [1, 2]);
    const broken = drop('bulk/a/3', SAMPLE.subarray(0, 100));
    const bands = Array.from({ length: 11 }, (_, band) => new Uint8Array(65 * 65).fill(band % 2));
    service().layBeside('bulk/a/4.wld', '30\n0\n0\n-30\n400015\n299985\n');
    scenes.push(drop('bulk/a/4.tif', encodeGeoTiff({ width: 65, height: 65, bands })));
    const { end, failure } = await run(marker, 'bulk-1');
    assert.deepEqual([end, failure?.error], ['Too many bulk failures', 'TooManyBulkFailures']);
    assert.match(failure?.cause ?? '', /^Of 4 bulk files 0 failed and 1 are invalid; /);
    const rows = await Promise.all([...scenes, broken].map((scene) => ledger.get(scene, MODEL)));
    assert.deepEqual(
      rows.map((row) => [row?.state, row?.chips]),
      [
        ['DONE', 1],
        ['DONE', 2],
        ['EMPTY', 1],
        ['INVALID', undefined],
      ],
    );
    const { batch = '', day = '' } = rows[0]!;
    assert.equal((await predictionsAt(predictionsKey({ id: batch, model: MODEL, day }, 0))).length, 3);
    assert.deepEqual(rows[2]?.raster?.bounds, [400_000, 298_050, 401_950, 300_000]);
  });

  it('a folder of which nothing fails is swept, the folder of all bulk files as well', async () => {
    const { drop, run } = service();
    const { scenes, marker } = dropFolder('bulk/b', [1]);
    assert.equal((await run(marker, 'bulk-2')).end, 'Swept');
    assert.deepEqual(await endOf(scenes[0]!), ['DONE', undefined]);
    const { end } = await run(sceneInput(drop('bulk/_DONE', Buffer.alloc(0))), 'bulk-3');
    assert.equal(end, 'Swept');
  });

  it('a bulk file takes over the content of a run that has failed for good', async () => {
    const { ledger, drop, run } = service();
    const { scenes, marker } = dropFolder('bulk/passed-on', [1]);
    const bytes = sceneOf('bulk/passed-on/1', 1, 0);
    const scene = drop('failed-before', bytes);
    const digest = createHash('sha256').update(bytes).digest('hex');
    const claim = { scene, model: MODEL, execution: 'before', now: TODAY, leaseSeconds: 60, attemptLimit: 1 };
    const { row } = await ledger.claim(claim);
    const owner = { id: row.run, scene, model: MODEL, attempt: 1, execution: 'before', digest, day: CLOSED_DAY };
    await ledger.claimContent(owner);
    await ledger.fail(row, 'FAILED', { name: 'Died', message: 'It died.', step: 'Infer' }, TODAY);
    assert.equal((await run(marker, 'bulk-taken-over')).end, 'Swept');
    assert.deepEqual(await endOf(scenes[0]!), ['DONE', undefined]);
  });

  it('a batch whose worker dies has its files failed, and a sweep tries them again', async () => {
    const { run } = service();
    const { scenes, marker } = dropFolder('bulk/c', [1]);
    const ended = await run(marker, 'bulk-4', { infer: dead });
    assert.equal(ended.failure?.error, 'TooManyBulkFailures');
    const [lost] = scenes;
    assert.deepEqual(await endOf(lost!), ['FAILED', 'Runtime.ExitError']);
    assert.equal((await run(sweepInput, 'bulk-5', { report: noReport })).end, 'Swept');
    assert.deepEqual(await endOf(lost!), ['DONE', undefined]);
  });

  it('a sweep asks for the bulk files that it knows all at once, and classifies the others', async () => {
    const { drop, run } = service();
    const [known, broken] = [
      drop('bulk/known', sceneOf('known', 1), TODAY),
      drop('bulk/broken', SAMPLE.subarray(0, 90), TODAY),
    ];
    const first = await run(sweepInput, 'bulk-6');
    assert.deepEqual([first.end, first.failure?.error], ['Too many bulk failures', 'TooManyBulkFailures']);
    assert.deepEqual([await endOf(known), (await endOf(broken))[0]], [['DONE', undefined], 'INVALID']);
    const fresh = drop('bulk/fresh', sceneOf('fresh', 1), TODAY);
    const second = await run(sweepInput, 'bulk-7', { report: noReport });
    assert.equal(second.failure, null);
    assert.deepEqual(await endOf(fresh), ['DONE', undefined]);
    const handedOn = second.calls.flatMap(({ name, message }) => (name === 'infer' ? [message] : []));
    assert.equal(handedOn.length, 1);
    assert.partialDeepStrictEqual(handedOn, [{ batch: { files: 1 } }]);
  });

  it('a batch that another execution takes over is its own; where that dies as well, its files are tried by themselves', async () => {
    const { aws, ledger, run, when } = service();
    const { scenes, marker } = dropFolder('bulk/d', [1]);
    const [scene] = scenes as [SceneRef];
    when({ who: 'infer', action: 's3:GetObjectVersion' }, async () => {
      const [open] = await ledger.openBatches();
      await ledger.loseBatch(open!, new Date()); // as if its lease had been over for long
      assert.ok(await ledger.openBatch(open!.batch, 'another', () => new Date(), 60));
    });
    const { end, failure, calls } = await run(marker, 'bulk-8');
    assert.deepEqual([end, failure], ['Swept', null]);
    assert.ok(!calls.some(({ name }) => name === 'settle'));
    assert.deepEqual(await endOf(scene), [undefined, undefined]);
    await release();
    aws.started.clear();
    await run(sweepInput, 'bulk-9', { report: noReport });
    assert.deepEqual(await endOf(scene), ['FAILED', 'BatchGivenUp']);
    assert.ok(aws.started.has(executionName(runId(scene, MODEL), 2)));
  });

  /** Lets a lease be over, as it is after five minutes. */
  async function release(): Promise<void> {
    const { ledger } = service();
    const [open, ...others] = await ledger.openBatches();
    assert.deepEqual([open !== undefined, others], [true, []]);
    await ledger.loseBatch(open!, new Date());
  }

  /** A batch whose worker fails, and then whoever settles it. */
  async function loseBatch(folder: string): Promise<SceneRef> {
    const { run, without } = service();
    const { scenes, marker } = dropFolder(folder, [1]);
    const { failure } = await without('infer', 'dynamodb:BatchGetItem', () =>
      without('settle', 'dynamodb:BatchGetItem', () => run(marker, `${folder}-lost`)),
    );
    assert.match(failure?.cause ?? '', /and 1 batches are left to the next sweep/);
    assert.deepEqual(await endOf(scenes[0]!), [undefined, undefined]);
    return scenes[0]!;
  }

  it('a batch that cannot be settled stays open: sweeps leave its files to it, and take it up once its lease is over', async () => {
    const { run } = service();
    const scene = await loseBatch('bulk/e');
    assert.equal((await run(sweepInput, 'bulk-10', { report: noReport })).failure, null);
    assert.deepEqual(await endOf(scene), [undefined, undefined]);
    await release();
    assert.equal((await run(sweepInput, 'bulk-11', { report: noReport })).failure, null);
    assert.deepEqual(await endOf(scene), ['DONE', undefined]);
  });

  it('a lost batch whose manifest has expired is closed, and its files are found anew', async () => {
    const { ledger, results, drop, remove, resultKeys, run } = service();
    const scene = await loseBatch('bulk/f');
    drop(scene.key, sceneOf('bulk/f/1', 1), TODAY);
    const [{ batch } = { batch: undefined }] = await ledger.openBatches();
    remove(results, batch!.manifest);
    await release();
    await ledger.openBatch(batch!, 'late', () => new Date(), 60); // it is held while a sweep asks whose files these are
    const held = await run(sweepInput, 'bulk-12', { report: noReport });
    assert.equal(held.failure, null);
    await release();
    const { failure } = await run(sweepInput, 'bulk-13', { report: noReport });
    assert.equal(failure, null);
    assert.deepEqual(await ledger.openBatches(), []);
    assert.deepEqual(await endOf(scene), ['DONE', undefined]);
    // What a batch of yesterday's has marked names its manifest still.
    for (const key of resultKeys().filter((one) => one.startsWith('manifests/'))) remove(results, key);
    assert.equal((await run(sweepInput, 'bulk-14', { report: noReport })).failure, null);
  });

  it('a batch that fails behind its predictions has them taken back', async () => {
    const { deny, run, when, resultKeys, predictionsAt } = service();
    const { scenes, marker } = dropFolder('bulk/g', [1]);
    const before = new Set(resultKeys());
    const allow = Promise.withResolvers<() => void>();
    when({ who: 'infer', action: 's3:PutObject' }, () => allow.resolve(deny('infer', 'dynamodb:PutItem')));
    await run(marker, 'bulk-15');
    (await allow.promise)();
    assert.deepEqual(await endOf(scenes[0]!), ['FAILED', 'AccessDeniedException']);
    const [key, ...others] = resultKeys().filter((one) => one.startsWith('predictions/') && !before.has(one));
    assert.deepEqual(others, []);
    assert.deepEqual(await predictionsAt(key!), []);
  });

  it('a file that fails temporarily within a batch is retried, beside the done ones', async () => {
    const { inbox, remove, run, when } = service();
    const { scenes, marker } = dropFolder('bulk/h', [1, 1, 1]);
    when({ who: 'infer', action: 's3:GetObjectVersion', what: /bulk\/h\/2$/ }, () => 'busy');
    when({ who: 'infer', action: 's3:GetObjectVersion', what: /bulk\/h\/3$/ }, () => remove(inbox, 'bulk/h/3#v1'));
    const { calls } = await run(marker, 'bulk-16');
    const [first, second, ...others] = calls.filter(({ name }) => name === 'infer').map(({ error }) => error);
    assert.match(first ?? '', /1 files of the batch are left for the next attempt \(SlowDown: /);
    assert.deepEqual([second, others], [undefined, []]);
    assert.deepEqual(await Promise.all(scenes.map(endOf)), [
      ['DONE', undefined],
      ['DONE', undefined],
      ['FAILED', 'ObjectNotFound'],
    ]);
  });

  it('a sweep that may not go on after its batches fails', async () => {
    const { deny, run, when } = service();
    const { marker } = dropFolder('bulk/i', [1]);
    const allow = Promise.withResolvers<() => void>();
    when({ who: 'infer', action: 's3:GetObjectVersion' }, () => allow.resolve(deny('discover', 'dynamodb:Query')));
    const { failure } = await run(marker, 'bulk-17');
    (await allow.promise)();
    assert.match(failure?.cause ?? '', /^Discover on: /);
  });

  it('the report shows the chips of bulk files, and goes without removed predictions', async () => {
    const { aws, inbox, ledger, results, remove, run } = service();
    const [first, second] = ['bulk/a/1', 'bulk/b/1'].map((key) => ({ bucket: inbox, key, versionId: 'v1' }));
    const { batch = '', day = '' } = (await ledger.get(second!, MODEL))!;
    remove(inbox, `${first!.key}#v1`);
    remove(results, predictionsKey({ id: batch, model: MODEL, day }, 0));
    const { path } = await run(sweepInput, 'bulk-18');
    assert.ok(path.includes('Day judged?'));
    const report = JSON.parse(
      Buffer.from(aws.objects.get(results)!.get(reportKey(MODEL, CLOSED_DAY, 'json'))!.bytes).toString(),
    );
    assert.equal(report.parts - report.partsRead, 1);
  });
}
