import assert from 'node:assert/strict';
import { randomFillSync } from 'node:crypto';
import { it } from 'node:test';
import { mapKey, mapNamesKey, mapsPrefix, packageKey, piecesKey, resultItemKey } from '../../../core/base/keys.ts';
import { type RunRef, runId, type SceneRef, sceneInput, sweepInput } from '../../../core/base/messages.ts';
import { encodePieces, packPiece } from '../../../core/results/maps/pieces.ts';
import { encodeGeoTiff } from '../../geoTiff.ts';
import { BANDS, pixelsPackage } from '../../models/pixelsPackage.ts';
import { openBytes } from '../../tiff.ts';
import { CLOSED_DAY, MODEL, noReport, type Service } from './service.ts';

const PIXELS = { ...MODEL, version: '3.0.0' };
/** With a map of probabilities as well. */
const PROBABLE = { ...MODEL, version: '4.0.0' };
const MASKED = { name: 'masked', version: '1.0.0' };
const [WIDTH, HEIGHT] = [40, 30];
const failure = { name: 'Error', message: 'x', step: 'Mosaic' };

/** Rasters by a model of pixels. */
export function tellOfMaps(service: () => Service): void {
  const runOf = (scene: SceneRef, model = PIXELS) => ({ id: runId(scene, model), model, day: CLOSED_DAY });
  const mapsOf = (scene: SceneRef, model = PIXELS) =>
    service()
      .resultKeys()
      .filter((key) => key.startsWith(mapsPrefix(runOf(scene, model))));

  function promotePixels(): void {
    const { models, put, promote } = service();
    for (const model of [PIXELS, PROBABLE])
      for (const [file, content] of Object.entries(pixelsPackage({ probabilities: model === PROBABLE }))) {
        const item = file === 'item.json' && JSON.parse(String(content));
        if (item) Object.assign(item.properties, { 'mlm:name': model.name, version: model.version });
        put(models, packageKey(model, file), Buffer.from(item ? JSON.stringify(item) : content));
      }
    promote(PIXELS.version);
  }

  it('a raster by a model of pixels is done with its map, its names and its Item', async () => {
    const { aws, ledger, results, drop, run } = service();
    promotePixels();
    const scene = drop('maps/first.tif', raster(1));
    const { end, failure: none } = await run(sceneInput(scene), 'map-first');
    assert.deepEqual([end, none], ['Done', null]);
    assert.deepEqual((await ledger.get(scene, PIXELS))?.maps, ['predictions']);
    const key = mapKey(runOf(scene), 'predictions');
    assert.deepEqual(mapsOf(scene).sort(), [key, mapNamesKey(runOf(scene)), resultItemKey(runOf(scene))].sort());
    const map = await openBytes(aws.objects.get(results)!.get(key)!.bytes);
    assert.deepEqual([map.width, map.height, map.photometric], [WIDTH, HEIGHT, 'palette']);
  });

  it('that map is the mask of another model, also for the same bytes under another key', async () => {
    const { ledger, models, drop, put, run } = service();
    for (const [file, content] of Object.entries(pixelsPackage())) {
      const item = file === 'item.json' && JSON.parse(String(content));
      const mask = { model: MODEL.name, classes: ['bare soil'], share: 1 };
      if (item) Object.assign(item.properties, { 'mlm:name': MASKED.name, 'swath:mask': mask });
      put(models, packageKey(MASKED, file), Buffer.from(item ? JSON.stringify(item) : content));
    }
    const first = drop('maps/first.tif', raster(1));
    assert.equal((await run(sceneInput(first, MASKED), 'masked')).end, 'Done');
    const row = await ledger.get(first, MASKED);
    assert.equal(row?.state, 'DONE');
    assert.notEqual(mapsOf(first, MASKED).length, 0);
    const again = drop('maps/again.tif', raster(1));
    for (const model of [PIXELS, MASKED])
      assert.equal((await run(sceneInput(again, model), `again-${model.name}`)).end, 'Duplicate');
  });

  for (const { step, who } of [
    { step: 'Infer pixels', who: 'infer' },
    { step: 'Mosaic', who: 'mosaic' },
  ] as const) {
    it(`an execution whose run is taken over in ${step} has nothing to do any more`, async () => {
      const { drop, run, when } = service();
      const scene = drop(`maps/taken/${who}.tif`, raster(who.length));
      when({ who, action: 'dynamodb:UpdateItem' }, () => takeOver(scene));
      const { path, failure: none } = await run(sceneInput(scene), `map-taken-${who}`);
      assert.deepEqual([path.at(-2), none], [`${step} ClaimLost → Nothing to do`, null]);
      assert.deepEqual(mapsOf(scene), []);
    });

    it(`a run whose ${step} fails has failed`, async () => {
      const { ledger, drop, run, without } = service();
      const scene = drop(`maps/refused/${who}.tif`, raster(10 + who.length));
      const { failure: cause } = await without(who, 's3:GetObject', () => run(sceneInput(scene), `map-refused-${who}`));
      assert.match(cause?.cause ?? '', new RegExp(`^${step}: `));
      const row = await ledger.get(scene, PIXELS);
      assert.deepEqual([row?.state, row?.error?.step, mapsOf(scene)], ['FAILED', step, []]);
    });
  }

  it('a run that fails behind its map has it taken away', async () => {
    const { drop, run, without } = service();
    const scene = drop('maps/behind.tif', raster(30));
    const { failure: cause } = await without('drift', 'dynamodb:UpdateItem', () =>
      run(sceneInput(scene), 'map-behind'),
    );
    assert.match(cause?.cause ?? '', /^Drift: /);
    assert.deepEqual(mapsOf(scene), []);
  });

  it('a sweep removes the map that a worker that has died left of a run that has failed for good', async () => {
    const { results, drop, put, run } = service();
    const { run: ref } = await claimed(drop('maps/left.tif', raster(31)), 1);
    await service().ledger.fail((await service().ledger.get(ref.scene, PROBABLE))!, 'FAILED', failure, new Date());
    put(results, mapKey(ref, 'predictions'), Buffer.from('of a worker that died'));
    await run(sweepInput, 'sweep-map-left', { report: noReport });
    assert.deepEqual(mapsOf(ref.scene, PROBABLE), []);
  });

  it('a map of many bytes is written in parts', async () => {
    const { aws, results, drop, answerOf } = service();
    const { run, parts } = await claimed(drop('maps/large.tif', raster(32)), 3);
    await answerOf('mosaic', { run, parts });
    const { bytes } = aws.objects.get(results)!.get(mapKey(run, 'probabilities'))!;
    assert.ok(bytes.length > PART_BYTES, `${bytes.length} bytes`);
    assert.deepEqual([(await openBytes(bytes)).width, aws.uploads.size], [SIDE, 0]);
  });

  it('of one that fails in the middle no part is left', async () => {
    const { aws, drop, answerOf, when, deny } = service();
    const { run, parts } = await claimed(drop('maps/middle.tif', raster(33)), 3);
    const isLarge = /-probabilities\.tif$/;
    let allow = () => {};
    // Its upload is begun, and then none of its parts is taken.
    when({ who: 'mosaic', action: 's3:PutObject', what: isLarge }, () =>
      when({ who: 'mosaic', action: 's3:PutObject', what: isLarge }, () => {
        allow = deny('mosaic', 's3:PutObject');
      }),
    );
    await assert.rejects(answerOf('mosaic', { run, parts }));
    allow();
    assert.equal(aws.uploads.size, 0);
    await answerOf('mosaic', { run, parts });
  });

  it('without the results of infer, or without its package, no map is made', async () => {
    const { results, models, drop, remove, answerOf, startCold } = service();
    const { run, parts } = await claimed(drop('maps/without.tif', raster(35)), 3);
    remove(results, piecesKey(run, 0));
    await assert.rejects(answerOf('mosaic', { run, parts }), /ObjectNotFound/);
    await startCold('mosaic'); // it would know the package still
    remove(models, packageKey(PROBABLE, 'item.json'));
    await assert.rejects(answerOf('mosaic', { run, parts }), /InvalidModelPackage/);
    promotePixels();
    assert.deepEqual(mapsOf(run.scene, PROBABLE), []);
  });

  it('a map that was written after its run failed is removed by its writer', async () => {
    const { ledger, drop, answerOf, when } = service();
    const { run, parts } = await claimed(drop('maps/late.tif', raster(34)), 3);
    when(
      { who: 'mosaic', action: 's3:PutObject', what: /\.aux\.xml$/ },
      async () => void (await ledger.fail((await ledger.get(run.scene, PROBABLE))!, 'FAILED', failure, new Date())),
    );
    await assert.rejects(answerOf('mosaic', { run, parts }), /was over when it wrote its maps/);
    assert.deepEqual(mapsOf(run.scene, PROBABLE), []);
    service().promote(MODEL.version);
  });

  async function takeOver(scene: SceneRef): Promise<void> {
    const { ledger, arnOf } = service();
    const held = (await ledger.get(scene, PIXELS))!;
    const now = new Date();
    await ledger.renew(held, new Date(now.getTime() - 3_600_000), 0);
    const execution = arnOf('another');
    await ledger.claim({ scene, model: PIXELS, execution, now, leaseSeconds: 300, attemptLimit: 3 });
  }

  /** A run of a raster of noise, whose pieces are there. */
  async function claimed(scene: SceneRef, attemptLimit: number): Promise<{ run: RunRef; parts: { part: number }[] }> {
    const { ledger, results, put } = service();
    const fixed = { day: CLOSED_DAY, chipsPerPart: 100 };
    const execution = `of ${scene.key}`;
    const now = new Date();
    const request = { scene, model: PROBABLE, execution, now, leaseSeconds: 300, attemptLimit, fixed };
    const { row } = await ledger.claim(request);
    const info = { width: SIDE, height: SIDE, bandsBy: 'position' as const, crs: null, bounds: null };
    await ledger.advance(row, 'PREPARED', now, { raster: info, maps: ['predictions', 'probabilities'] });
    const digest = 'ab'.repeat(32);
    const run = { id: row.run, scene, model: PROBABLE, attempt: row.attempt, execution, digest, day: CLOSED_DAY };
    const planes = [0, 1, 1, 1].map((noise) => {
      const plane = new Uint8Array(SIDE * SIDE);
      return noise === 1 ? randomFillSync(plane) : plane;
    });
    put(results, piecesKey(run, 0), encodePieces([packPiece({ x: 0, y: 0, width: SIDE, height: SIDE, planes })]));
    return { run, parts: [{ part: 0 }] };
  }
}

/** Of a map in pixels, whose probabilities have more bytes than one part of an upload. */
const SIDE = 1750;
const PART_BYTES = 8 * 1024 ** 2;

function raster(seed: number): Uint8Array {
  const bands = BANDS.map((_, band) =>
    Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => 1 + ((i * (7 + band) + seed) % 250)),
  );
  return encodeGeoTiff({ width: WIDTH, height: HEIGHT, bands, descriptions: BANDS });
}
