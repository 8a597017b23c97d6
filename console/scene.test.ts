import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { decode } from 'fast-png';
import { rampColour } from '../charts/ramp.ts';
import { mapKey, mapNamesKey, predictionsKey, resultItemKey } from '../core/base/keys.ts';
import { sceneId } from '../core/base/messages.ts';
import { dayOf } from '../core/base/time/days.ts';
import type { LedgerRow } from '../core/ledger/ledgerRow.ts';
import { MASKED } from '../core/package/carry.ts';
import { crsOf } from '../core/scenes/raster/crs.ts';
import { outlineOf } from '../core/scenes/raster/outline.ts';
import type { RasterInfo } from '../core/scenes/raster/rasterInfo.ts';
import { inRow } from '../core/tasks/registry.ts';
import { startTestConsole } from '../test/benches/console.ts';
import { partOf, predict } from '../test/benches/predictions.ts';
import { MODEL, startTestService } from '../test/benches/service.ts';
import { cogOf, cogSpec } from '../test/maps/cogOf.ts';
import { ACROSS, LENGTH, NORTH, PIXEL, SIDE, shardRaster, WEST } from '../test/suite/shardRaster.ts';
import type { Run, Scene, WorldMap } from './api.ts';

/** What the console answers of rasters: the scene, its maps, its files, and where on earth they are. */

const swath = await startTestConsole(await startTestService());
const { service } = swath;
const DIGEST = 'd'.repeat(64);
const CHIPS = ACROSS * ACROSS;
const raster = shardRaster();

const SEGMENTATION = { name: 's2-scl', version: '1.0.0' };
const REGRESSION = { name: 's2-b8a', version: '1.0.0' };
for (const { name, version } of [SEGMENTATION, REGRESSION])
  for (const file of ['item.json', 'reference.json']) {
    const path = new URL(`../models/${name}/${version}/${file}`, import.meta.url);
    swath.models.set(`${name}/${version}/${file}`, await readFile(path));
  }

const transform = [WEST, PIXEL, 0, NORTH, 0, -PIXEL] as const;
const { crs } = await crsOf({ 1024: 1, 3072: 32637 });
const PLACED: RasterInfo = {
  width: LENGTH,
  height: LENGTH,
  bandsBy: 'description',
  crs: 'EPSG:32637',
  transform: [...transform],
  bounds: [WEST, NORTH - LENGTH * PIXEL, WEST + LENGTH * PIXEL, NORTH],
  outline: outlineOf({ width: LENGTH, height: LENGTH }, transform, crs!)!,
};

type About = { about?: Partial<LedgerRow>; model?: typeof SEGMENTATION; info?: RasterInfo; masked?: number[] };

/** A run of a raster that is done; without predictions where its model is of pixels. */
async function finish(
  key: string,
  { about = {}, model = MODEL, info = PLACED, masked }: About = {},
): Promise<LedgerRow> {
  const row = await swath.claim(key, model);
  swath.inbox.set(sceneId(row.scene), raster);
  const loaded = await service.models.load(model);
  const place = { id: row.run, model, day: row.day! };
  const rows = Array.from({ length: CHIPS }, (_, i) => loaded.classes.map((_, place) => (place === i % 4 ? 0.7 : 0.1)));
  const side = new Int32Array(CHIPS).fill(SIDE);
  const part = partOf(CHIPS, {
    window: {
      x: Int32Array.from({ length: CHIPS }, (_, i) => (i % ACROSS) * SIDE),
      y: Int32Array.from({ length: CHIPS }, (_, i) => Math.floor(i / ACROSS) * SIDE),
      width: side,
      height: side,
      footprint: new Float64Array(8 * CHIPS).fill(Number.NaN),
      hectares: new Float64Array(CHIPS).fill(Number.NaN),
    },
    truth: Array.from({ length: CHIPS }, (_, i) => (i === 0 ? 0 : i === 1 ? 0 : null)),
    ...(masked && { carried: [{ ...MASKED, values: masked }] }),
  });
  const isOfChips = model.name === MODEL.name;
  const baseline = await service.models.load(isOfChips ? model : MODEL);
  const { sum, bytes } = predict(baseline, rows, { run: row.run, digest: DIGEST, scene: key }, part);
  if (isOfChips) swath.results.set(predictionsKey(place, 0), bytes);
  swath.results.set(resultItemKey(place), new TextEncoder().encode(`{"id":"${row.run}"}`));
  return service.ledger.advance(row, 'DONE', service.now(), {
    size: raster.length,
    digest: DIGEST,
    chips: CHIPS,
    blank: 0,
    parts: isOfChips ? 1 : 0,
    countedDay: row.day,
    ...(isOfChips && inRow(sum, loaded)),
    raster: info,
    ...about,
  });
}

const sceneOf = (run: string) => swath.get<Scene>(`/api/runs/${run}/scene`);

describe('a raster of chips', () => {
  test('comes with each chip, its place, and whether it is right', async () => {
    const { run } = await finish('chips.tif');
    const { width, height, chips, classes, maps, isMore } = await sceneOf(run);
    assert.deepEqual([width, height, chips.length, maps, isMore], [LENGTH, LENGTH, CHIPS, [], false]);
    assert.deepEqual(chips[10]!.window, [SIDE, SIDE, SIDE, SIDE]);
    const said = chips.slice(0, 3).map(({ text, truth, isRight, value }) => [text, truth, isRight, value]);
    assert.deepEqual(said, [
      ['cows-0', 'cows-0', true, null],
      ['cows-1', 'cows-0', false, null],
      ['cows-2', null, null, null],
    ]);
    assert.deepEqual(
      classes.map(({ name }) => name),
      ['cows-0', 'cows-1', 'cows-2', 'cows-3plus'],
    );
  });

  test('has a picture of itself, small, made once and kept', async () => {
    const { run } = await finish('picture.tif');
    const { picture } = await sceneOf(run);
    swath.rangesRead.length = 0;
    const { status, headers, bytes } = await swath.ask('GET', picture);
    assert.deepEqual([status, headers['content-type']], [200, 'image/png']);
    assert.equal(headers['cache-control'], 'private, max-age=31536000, immutable');
    const { width, height, channels, data } = decode(bytes);
    assert.deepEqual([width, height, channels], [512, 512, 4]);
    assert.ok(new Set(data).size > 100);
    const read = swath.rangesRead.reduce((sum, { length }) => sum + length, 0);
    assert.ok(read < 1.1 * raster.length, `${read} bytes of a file of ${raster.length} were asked for`);
    swath.rangesRead.length = 0;
    await swath.ask('GET', picture);
    assert.deepEqual(swath.rangesRead, []);
  });

  test('has none once its file is gone, and says so; the chips stay', async () => {
    const row = await finish('gone.tif');
    swath.inbox.delete(sceneId(row.scene));
    const { picture, chips } = await sceneOf(row.run);
    assert.equal(
      await swath.problem(picture),
      '404 The scene file is no longer in the inbox, so there is no picture of it.',
    );
    assert.equal(chips.length, CHIPS);
    swath.inbox.set(sceneId(row.scene), new Uint8Array(raster.length));
    assert.match(
      await swath.problem(picture),
      /^404 gone\.tif is not one raster: it is a file of chips, an archive, or a scene/,
    );
    swath.inbox.set(sceneId(row.scene), raster);
    assert.equal((await swath.ask('GET', picture)).status, 200, 'what failed is tried anew');
  });

  test('does not exist if the file is no raster, the run is not done, or the run is unknown', async () => {
    const { run } = await swath.finish('records.tfrecord', [{ class: 0 }]);
    const early = await swath.prepare('early.tif');
    const cases = [
      [`${run}`, /^404 The scene of run \w+ is not a raster\.$/],
      [early.run, /^404 The scene of run \w+ is not a raster\.$/],
      ['0'.repeat(32), /^404 The ledger has no run/],
    ] as const;
    for (const [id, problem] of cases)
      for (const what of ['scene', 'scene.png', 'maps/predictions.png'])
        assert.match(await swath.problem(`/api/runs/${id}/${what}`), problem);
  });
});

describe('a map of classes', () => {
  /** Larger than a picture of it, so that an overview is what is read. */
  const [width, height] = [2600, 1300];
  const info = { ...PLACED, width, height };
  const NODATA = 255;
  let run: string;

  test('is a picture in the colours of its classes, from the overview that suffices', async () => {
    const model = await service.models.load(SEGMENTATION);
    const values = model.classes.map(({ value }) => value);
    const labels = new Uint8Array(width * height).map(
      (_, i) => values[Math.floor(((i % width) * values.length) / width)]!,
    );
    labels.fill(NODATA, 0, 400 * width);
    // What does not pack well, so that the file is longer than what is read of any file at once.
    for (let i = 400 * width; i < 900 * width; i += 1)
      labels[i] = values[(Math.imul(i, 2_654_435_761) >>> 13) % values.length]!;
    const cog = await cogOf(cogSpec(width, height, { nodata: NODATA }), [labels]);
    const row = await finish('classes.tif', { model: SEGMENTATION, info, about: { maps: ['predictions'] } });
    ({ run } = row);
    const place = { id: run, model: row.model, day: row.day! };
    swath.results.set(mapKey(place, 'predictions'), cog);
    swath.results.set(mapNamesKey(place), new TextEncoder().encode('<PAMDataset/>'));
    swath.resultRanges.length = 0;
    const { maps, classes } = await sceneOf(run);
    const [map = assert.fail()] = maps;
    assert.deepEqual([maps.length, map.name, map.legend.kind], [1, 'predictions', 'classes']);
    const legend = map.legend.kind === 'classes' ? map.legend.classes : [];
    assert.deepEqual(
      legend.map(({ name }) => name),
      model.classes.map(({ name }) => name),
    );
    assert.equal(classes.length, model.classes.length);
    const { status, bytes } = await swath.ask('GET', map.image);
    const picture = decode(bytes);
    assert.deepEqual([status, picture.width, picture.height, picture.channels], [200, 1024, 512, 4]);
    const pixel = (x: number, y: number) => [...picture.data.slice(4 * (y * 1024 + x), 4 * (y * 1024 + x) + 4)];
    assert.deepEqual(pixel(5, 5), [0, 0, 0, 0], 'no data is transparent');
    assert.equal(`rgb(${pixel(5, 500).slice(0, 3).join(' ')})`, legend[0]!.colour);
    assert.equal(`rgb(${pixel(1020, 500).slice(0, 3).join(' ')})`, legend.at(-1)!.colour);
    const read = swath.resultRanges.reduce((sum, { length }) => sum + length, 0);
    assert.ok(swath.resultRanges.length > 0 && read < cog.length / 2, `${read} of ${cog.length} bytes`);
  });

  test('is not found where the run has no such map, or it is gone; the scene goes without', async () => {
    for (const map of ['unsure', 'probabilities'])
      assert.match(await swath.problem(`/api/runs/${run}/maps/${map}.png`), /^404 Run \w+ has no map of/);
    assert.match(await swath.problem(`/api/runs/${run}/maps/another.png`), /^404 There is nothing at/);
    const row = await finish('no-map.tif', { model: SEGMENTATION, info, about: { maps: ['predictions'] } });
    assert.match(await swath.problem(`/api/runs/${row.run}/maps/predictions.png`), /^404 Run \w+ has no map of/);
    assert.deepEqual((await sceneOf(row.run)).maps, []);
  });

  describe('and the other results', () => {
    const filesOf = async () => (await swath.get<Run>(`/api/runs/${run}`)).files;

    test('can be downloaded, byte for byte', async () => {
      const files = await filesOf();
      assert.deepEqual(
        files.map(({ title, name }) => [title, name]),
        [
          ['Map', `${run}.tif`],
          ["Names of the map's classes", `${run}.tif.aux.xml`],
          ['STAC Item', `${run}.json`],
        ],
      );
      const types = [/^image\/tiff; application=geotiff/, /^application\/xml/, /^application\/geo\+json/];
      for (const [i, { href, name }] of files.entries()) {
        const { status, headers, bytes } = await swath.ask('GET', href);
        const [, kept = assert.fail()] = [...swath.results].find(([key]) => key.endsWith(`/${name}`))!;
        assert.deepEqual([status, headers['content-length']], [200, String(kept.length)]);
        assert.match(headers['content-type']!, types[i]!);
        assert.equal(headers['content-disposition'], `attachment; filename="${name}"`);
        assert.ok(bytes.equals(kept));
      }
    });

    const OTHERS = [
      '..%2F..%2F..%2F..%2Fprepared%2Fx',
      '%2e%2e%2fpromoted.json',
      '..%5c..%5cx',
      `${'a'.repeat(32)}.tif`,
      '%00',
      '%',
      '.tif',
    ];
    for (const name of OTHERS)
      test(`${name} leads nowhere`, async () => {
        assert.match(await swath.problem(`/api/runs/${run}/files/${name}`), /^404 /);
      });

    test('a path that climbs is refused as an unknown route', async () => {
      assert.match(await swath.problem(`/api/runs/${run}/files/../../../../etc/passwd`), /^404 There is nothing at/);
    });

    test('are listed while they exist', async () => {
      const key = [...swath.results.keys()].find((one) => one.endsWith(`${run}.json`))!;
      const bytes = swath.results.get(key)!;
      swath.results.delete(key);
      assert.ok((await filesOf()).every(({ title }) => title !== 'STAC Item'));
      assert.match(
        await swath.problem(`/api/runs/${run}/files/${run}.json`),
        /^404 \w+\.json is not in the results bucket/,
      );
      swath.results.set(key, bytes);
    });
  });
});

test('a map of values has the colours of a ramp, from the 2nd to the 98th percentile', async () => {
  const [width, height] = [101, 10];
  const values = new Float32Array(width * height).map((_, i) => (i % width) / 100);
  values[0] = Number.NaN;
  const bands = [{ description: 'value', scale: 1, offset: 0 }];
  const spec = cogSpec(width, height, { dataType: 'float32', bands, nodata: Number.NaN, resampling: 'average' });
  const cog = await cogOf(spec, [values]);
  const info = { ...PLACED, width, height };
  const row = await finish('values.tif', { model: REGRESSION, info, about: { maps: ['predictions'] } });
  swath.results.set(mapKey({ id: row.run, model: row.model, day: row.day! }, 'predictions'), cog);
  const { maps, classes } = await sceneOf(row.run);
  assert.deepEqual(classes, []);
  const { legend, image } = maps[0] ?? assert.fail();
  assert.ok(legend.kind === 'ramp' && legend.unit === 'number');
  assert.ok(Math.abs(legend.low - 0.02) < 0.011 && Math.abs(legend.high - 0.98) < 0.011);
  const { data } = decode((await swath.ask('GET', image)).bytes);
  const pixel = (x: number) => [...data.slice(4 * x, 4 * x + 4)];
  assert.deepEqual(pixel(0), [0, 0, 0, 0]);
  assert.deepEqual(pixel(width - 1), [...rampColour(1), 255]);
  assert.deepEqual(pixel(width + 0), [...rampColour(0), 255]);
});

describe('the map of the earth', () => {
  const mapOf = (query = '') => swath.get<WorldMap>(`/api/map${query}`);

  test('has the runs of rasters that have a place, with their most common class', async () => {
    const { outline: _, ...nowhere } = PLACED;
    await finish('nowhere.tif', { info: { ...nowhere, crs: null, crsMissing: 'it does not say' } });
    const { runs, placeless, versions, classes } = await mapOf();
    assert.equal(placeless, 1);
    assert.ok(runs.length >= 4 && runs.every(({ file }) => file !== 'nowhere.tif' && !file.endsWith('.tfrecord')));
    const chips = runs.find(({ file }) => file === 'chips.tif') ?? assert.fail();
    assert.deepEqual([chips.state, chips.most, chips.rings.length], ['DONE', 'cows-0', 1]);
    assert.deepEqual(chips.bbox, PLACED.outline!.bbox);
    assert.deepEqual(chips.rings[0]![0], chips.rings[0]!.at(-1));
    assert.ok(classes.some(({ name }) => name === 'cows-0'));
    assert.deepEqual(versions, ['droughtwatch-baseline/1.0.0', 's2-b8a/1.0.0', 's2-scl/1.0.0']);
  });

  test('can be of a model version, and of days', async () => {
    const { runs, versions } = await mapOf('?version=s2-b8a%2F1.0.0');
    assert.deepEqual([runs.map(({ file }) => file), versions.length], [['values.tif'], 3]);
    const today = dayOf(service.now());
    assert.equal((await mapOf(`?from=${today}&to=${today}`)).runs.length, (await mapOf()).runs.length);
    assert.deepEqual((await mapOf('?from=2026-03-01&to=2026-03-02')).runs, []);
    assert.match(await swath.problem('/api/map?days=none'), /^400 days: found "none"/);
  });
});

test('nothing of all this went wrong unnoticed', () => {
  assert.deepEqual(swath.errors, []);
});

test('a raster of chips says which of them its mask hides', async () => {
  const model = { ...MODEL, version: '7.0.0' };
  for (const file of ['item.json', 'reference.json']) {
    const of = JSON.parse(Buffer.from(swath.models.get(`${MODEL.name}/${MODEL.version}/${file}`)!).toString());
    if (file === 'item.json') Object.assign(of.properties, { version: '7.0.0', 'swath:mask': { cloudCover: 60 } });
    swath.models.set(`${MODEL.name}/7.0.0/${file}`, Buffer.from(JSON.stringify(of)));
  }
  const { run } = await finish('masked.tif', {
    model,
    masked: Array.from({ length: CHIPS }, (_, i) => (i < 2 ? 0.61 : 0.6)),
  });
  const { chips } = await sceneOf(run);
  assert.deepEqual(
    chips.flatMap(({ isMasked, index }) => (isMasked ? [index] : [])),
    [0, 1],
  );
});
