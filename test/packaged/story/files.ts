import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { it } from 'node:test';
import { ObjectNotFound } from '../../../core/base/errors.ts';
import { predictionsKey, preparedKey, summaryKey } from '../../../core/base/keys.ts';
import { inferInputSchema, sceneInput, sweepInput } from '../../../core/base/messages.ts';
import { makeInferences } from '../../../core/inference/predict.ts';
import { makeModels } from '../../../core/releases/models.ts';
import { makeInferPart } from '../../../functions/infer/part/inferPart.ts';
import { runtimes } from '../../../local/stack/openModel.ts';
import { editedItem, INPUT, readBaselineFile } from '../../benches/packages.ts';
import { countsIn } from '../../benches/summaries.ts';
import { encodeGeoTiff } from '../../geoTiff.ts';
import { blankFrames, sceneOf } from '../../scenes.ts';
import { MODEL, rowsOf, type Service } from './service.ts';

export const SAMPLE = await readFile(new URL('../../../samples/droughtwatch/part-r-00012', import.meta.url));

/** What becomes of scene files, each by itself. Each part starts where the one before ended. */
export function tellOfFiles(service: () => Service): void {
  it('a scene file that comes before any model is promoted fails, and the sweep leaves it', async () => {
    const { aws, drop, run, answerOf } = service();
    const scene = drop('north/first', SAMPLE);
    const { failure } = await run(sceneInput(scene), 'too-early');
    assert.equal(failure?.error, 'NoModelPromoted');
    assert.match(failure.cause, /^Preprocess: No version of the model droughtwatch-baseline is promoted\.$/);
    const { end } = await run(sweepInput, 'sweep-1');
    assert.equal(end, 'Nothing arrived');
    assert.equal(aws.started.size, 0);
    assert.match(await answerOf('ledgerWidget', { view: 'status' }), /No model version is promoted/);
  });

  it('once a model is promoted, the sweep starts it', async () => {
    const { aws, ledger, results, promote, run, resultKeys, predictionsAt } = service();
    promote(MODEL.version);
    await run(sweepInput, 'sweep-2');
    assert.equal(aws.started.size, 1);
    const [[name, input] = ['', undefined]] = aws.started;
    const { end, failure, calls } = await run(input, name);
    assert.deepEqual({ end, failure }, { end: 'Done', failure: null });

    // The same chips, classified by the same code as it runs on a laptop.
    const job = inferInputSchema.parse(calls.find((call) => call.name === 'infer')?.message);
    const here = new Map<string, Uint8Array>();
    const models = makeModels(async (key) => {
      if (/\/(publication|promoted)\.json$/.test(key)) throw new ObjectNotFound(key);
      return readBaselineFile(key.split('/').at(-1)!);
    }, MODEL.name);
    const infer = makeInferPart({
      ledger: { renew: async () => (await ledger.get(job.run.scene, job.run.model))!, get: ledger.get },
      models,
      classifier: makeInferences(models, { runtimes, threads: availableParallelism() }),
      readResult: async (key) => aws.objects.get(results)!.get(key)!.bytes,
      writeResult: async (key, bytes) => void here.set(key, bytes),
      registerPartition: async () => {},
      readVersion: async () => null,
      replaceVersion: async (key, bytes) => {
        here.set(key, bytes);
        return 'written';
      },
      removeVersion: async ({ key }) => void here.delete(key),
      now: () => new Date(),
      leaseSeconds: 60,
    });
    await infer(job, { remainingSeconds: () => 60, signal: new AbortController().signal }, {});
    const key = predictionsKey(job.run, 0);
    const summary = summaryKey(job.run, 0);
    assert.deepEqual(resultKeys(), [preparedKey(job.run.id, 0), key, summary]);
    const sumIn = (bytes: Uint8Array) => ({ ...JSON.parse(Buffer.from(bytes).toString()), perChip: null }); // a time differs
    assert.deepEqual(sumIn(aws.objects.get(results)!.get(summary)!.bytes), sumIn(here.get(summary)!));
    const there = await predictionsAt(key);
    assert.equal(there.length, 79);
    assert.deepEqual(there, await rowsOf(here.get(key)!));

    const row = await ledger.get(job.run.scene, MODEL);
    assert.deepEqual(
      { state: row?.state, chips: row?.chips, blank: row?.blank, attempt: row?.attempt },
      { state: 'DONE', chips: 81, blank: 2, attempt: 1 },
    );
    assert.equal(aws.published.find(({ MetricName }) => MetricName === 'Predictions')?.['Value'], 79);
  });

  it('a repeated event finds the run done', async () => {
    const { inbox, run } = service();
    const scene = { bucket: inbox, key: 'north/first', versionId: 'v1' };
    const { end, failure } = await run(sceneInput(scene), 'once-more');
    assert.deepEqual({ end, failure }, { end: 'Nothing to do', failure: null });
  });

  it('the same bytes under a second key are a duplicate', async () => {
    const { drop, run } = service();
    const { end } = await run(sceneInput(drop('south/second', SAMPLE)), 'second');
    assert.equal(end, 'Duplicate');
  });

  it('a broken file is invalid, and says where', async () => {
    const { ledger, drop, run } = service();
    const scene = drop('broken', SAMPLE.subarray(0, 100));
    const { failure } = await run(sceneInput(scene), 'broken');
    assert.equal(failure?.error, 'InvalidSceneFile');
    assert.match(failure.cause, /^Preprocess: broken: /);
    assert.equal((await ledger.get(scene, MODEL))?.state, 'INVALID');
  });

  it('a file that is gone before its run has failed', async () => {
    const { ledger, inbox, run } = service();
    const scene = { bucket: inbox, key: 'gone', versionId: 'v1' };
    const { failure } = await run(sceneInput(scene), 'gone');
    assert.equal(failure?.error, 'ObjectNotFound');
    assert.equal((await ledger.get(scene, MODEL))?.state, 'FAILED');
  });

  it('a file with nothing on it is empty', async () => {
    const { ledger, drop, run } = service();
    const scene = drop('night', sceneOf('night', 2, 0, blankFrames));
    const { end } = await run(sceneInput(scene), 'night');
    assert.equal(end, 'Empty');
    const row = await ledger.get(scene, MODEL);
    assert.deepEqual([row?.state, row?.chips, row?.blank], ['EMPTY', 2, 2]);
  });

  it('a file of whose chips the model makes nothing is done without a verdict', async () => {
    const { ledger, drop, promote, putPackage, run } = service();
    const nothing = { name: 'NDVI', format: 'rio-calc', expression: '(B5 - B5) / (B5 - B5)' };
    const item = await editedItem(['properties/version', '2.0.0'], [`${INPUT}/bands/3`, nothing]);
    await putPackage('2.0.0', Buffer.from(JSON.stringify(item)));
    promote('2.0.0');
    const scene = drop('fog', sceneOf('fog', 2));
    const { end, failure } = await run(sceneInput(scene), 'fog');
    promote(MODEL.version);
    assert.deepEqual([end, failure], ['Done without a verdict', null]);
    const row = await ledger.get(scene, { ...MODEL, version: '2.0.0' });
    assert.deepEqual([row?.state, countsIn(row!).missing], ['DONE', 2]);
  });

  it('a canary, and a bulk file whose event comes all the same, call no function', async () => {
    const { drop, run } = service();
    for (const [key, end] of [
      ['swath-canary/1', 'Canary'],
      ['bulk/alone', 'Left to the sweep'],
    ] as const) {
      const execution = await run(sceneInput(drop(key, sceneOf(key, 1))), key);
      assert.deepEqual([execution.end, execution.calls], [end, []]);
    }
  });

  it('a folder that the S3 console has made calls none either', async () => {
    const { inbox, run } = service();
    const { detail, ...event } = sceneInput({ bucket: inbox, key: 'folder/', versionId: 'v1' });
    const made = { ...event, detail: { ...detail, object: { ...detail.object, size: 0 } } };
    const execution = await run(made, 'folder');
    assert.deepEqual([execution.end, execution.calls], ['Folder', []]);
  });

  it('a file that comes beside scenes calls none either', async () => {
    const { drop, run } = service();
    for (const key of ['north/mixer.json', 'north/a.assets/B1.tif']) {
      const execution = await run(sceneInput(drop(key, Buffer.from('{}'))), key);
      assert.deepEqual([execution.end, execution.calls], ['Companion', []]);
    }
  });

  it('a picture is placed by its world file', async () => {
    const { ledger, drop, layBeside, run } = service();
    for (const [folder, value] of [
      ['north', 0],
      ['bulk', 1],
    ] as const) {
      const bands = Array.from({ length: 11 }, () => new Uint8Array(65 * 65).fill(value));
      layBeside(`${folder}/field.tfw`, '30\n0\n0\n-30\n400015\n299985\n');
      const scene = drop(`${folder}/field.tif`, encodeGeoTiff({ width: 65, height: 65, bands }));
      const { end } = await run(sceneInput(scene, MODEL), `${folder}-field`);
      assert.equal(end, 'Empty');
      assert.deepEqual((await ledger.get(scene, MODEL))?.raster?.bounds, [400_000, 298_050, 401_950, 300_000]);
    }
  });

  it('a STAC Item is one scene of the files that it names', async () => {
    const { ledger, drop, layBeside, run } = service();
    const names = Array.from({ length: 11 }, (_, i) => `B${i + 1}`);
    for (const name of names) {
      const bands = [new Uint8Array(65 * 65)];
      layBeside(`north/many.assets/${name}.tif`, encodeGeoTiff({ width: 65, height: 65, bands }));
    }
    const assets = Object.fromEntries(names.map((name) => [name, { href: `./many.assets/${name}.tif` }]));
    const item = Buffer.from(JSON.stringify({ type: 'Feature', stac_version: '1.1.0', assets }));
    const scene = drop('north/many.stac.json', item);
    const { end } = await run(sceneInput(scene), 'many');
    assert.equal(end, 'Empty');
    assert.partialDeepStrictEqual(await ledger.get(scene, MODEL), { size: item.length, raster: { bandsBy: 'name' } });
  });

  it('a bulk file that is tried by itself goes the way of any other', async () => {
    const { inbox, run } = service();
    const scene = { bucket: inbox, key: 'bulk/alone', versionId: 'v1' };
    const { end } = await run(sceneInput(scene, MODEL), 'alone');
    assert.equal(end, 'Done');
  });
}
