import assert from 'node:assert/strict';
import { dirname, join } from 'node:path/posix';
import { test } from 'node:test';
import { makePlane } from '../../core/arrays/dataTypes.ts';
import { mapKey, mapNamesKey, resultItemKey } from '../../core/base/keys.ts';
import type { LedgerRow } from '../../core/ledger/ledgerRow.ts';
import { sfc32 } from '../../replay/sfc32.ts';
import { encodeGeoTiff } from '../geoTiff.ts';
import { finerBy, finerPackage, UPSCALING } from '../models/finerPackage.ts';
import { BANDS, OVERLAP, PIXEL_CLASSES, pixelsBy, pixelsPackage, SIDE } from '../models/pixelsPackage.ts';
import { openBytes } from '../tiff.ts';
import type { Stacked } from './subject.ts';

/** In pixels; both ends of a row and of a column of chips are somewhere within a block of the file. */
const [WIDTH, HEIGHT] = [100, 70];
const [WEST, NORTH, PIXEL] = [500_000, 5_900_040, 10];
const STEP = SIDE - OVERLAP;
/** From this column on there is no data: the last chip of each row is blank, and the one before it ends within. */
const END = 84;
const CHIPS = [WIDTH, HEIGHT].map((side) => Math.ceil((side - OVERLAP) / STEP));
/** Of classes 0, 4 and 7 the largest byte stands for none; of probabilities in steps of 0.004, as well. */
const [NONE, PROBABILITY_STEP] = [255, 0.004];

/** A raster by a model that says something of each pixel: what it says is a map. */
export function maps(stacked: Stacked): void {
  test('a model of pixels makes a map of a raster, as if it had seen all of it at once', async () => {
    const { run, with: served, stack, predictionsOf } = stacked();
    await served(pixelsPackage({ probabilities: true }), async (model) => {
      const planes = picture(1);
      const row = await run('mapped.tif', raster(planes));
      const [across = 0, down = 0] = CHIPS;
      const of = { state: 'DONE', maps: ['predictions', 'probabilities'], chips: across * down, blank: down, parts: 1 };
      assert.partialDeepStrictEqual(row, of);

      const wanted = pixelsBy(planes, WIDTH, HEIGHT);
      const isData = (i: number) => i % WIDTH < END;
      const map = await openBytes(await stack.readResult(mapKey(runOf(row), 'predictions')));
      const classes = await valuesOf(map, 0);
      for (const [i, { place }] of wanted.entries())
        assert.equal(classes[i], isData(i) ? PIXEL_CLASSES[place]!.value : NONE, `pixel ${i % WIDTH}, ${i / WIDTH}`);
      assert.equal(new Set(classes).size, PIXEL_CLASSES.length + 1, 'each class, and none');

      const probabilities = await openBytes(await stack.readResult(mapKey(runOf(row), 'probabilities')));
      assert.deepEqual(
        probabilities.bands.map(({ description, scale, nodata }) => [description, scale, nodata]),
        PIXEL_CLASSES.map(({ name }) => [name, PROBABILITY_STEP, NONE]),
      );
      for (const band of PIXEL_CLASSES.keys())
        for (const [i, value] of (await valuesOf(probabilities, band)).entries()) {
          const is = wanted[i]!.probabilities[band]! / PROBABILITY_STEP;
          assert.ok(isData(i) ? Math.abs(value - is) < 0.51 : value === NONE, `${value} of pixel ${i} is not ${is}`);
        }

      for (const { width, height, transform, geoKeys } of [map, probabilities]) {
        assert.deepEqual([width, height], [WIDTH, HEIGHT]);
        assert.deepEqual(transform, [WEST, PIXEL, 0, NORTH, 0, -PIXEL]);
        assert.equal(geoKeys?.['3072'], 32629);
      }
      assert.deepEqual([map.photometric, map.type, map.bands[0]!.nodata], ['palette', 'uint8', NONE]);
      const names = Buffer.from(await stack.readResult(mapNamesKey(runOf(row)))).toString();
      for (const { name } of PIXEL_CLASSES) assert.ok(names.includes(`<F>${name}</F>`), name);

      const rows = (await predictionsOf(row)).flatMap((part) => part.rows);
      assert.equal(rows.length, (across - 1) * down, 'a row a chip');
      await assertItem(row, `${model.name}/${model.version}/item.json`);
    });
  });

  test('a model of super-resolution makes a map of finer pixels over the same ground', async () => {
    const { run, with: served, stack } = stacked();
    await served(finerPackage(), async () => {
      const planes = picture(4);
      const row = await run('finer.tif', raster(planes));
      assert.partialDeepStrictEqual(row, { state: 'DONE', maps: ['predictions'] });
      const map = await openBytes(await stack.readResult(mapKey(runOf(row), 'predictions')));
      const [width, height, pixel] = [WIDTH * UPSCALING, HEIGHT * UPSCALING, PIXEL / UPSCALING];
      assert.deepEqual([map.width, map.height, map.transform], [width, height, [WEST, pixel, 0, NORTH, 0, -pixel]]);
      const wanted = finerBy(planes, WIDTH, HEIGHT);
      for (const band of BANDS.keys()) {
        const isData = (_: number, i: number) => i % width < END * UPSCALING;
        assert.deepEqual(
          await valuesOf(map, band, 'float32'),
          [...wanted[band]!].map((value, i) => (isData(value, i) ? value : Number.NaN)),
        );
      }
      const item = JSON.parse(Buffer.from(await stack.readResult(resultItemKey(runOf(row)))).toString());
      assert.deepEqual(item.properties['proj:shape'], [height, width]);
    });
  });

  test('a raster that is broken on its way has no map', async () => {
    const { run, with: served, stack } = stacked();
    await served(pixelsPackage(), async () => {
      const bytes = raster(picture(3));
      const row = await run('cut.tif', bytes.subarray(0, bytes.length - 1000));
      assert.deepEqual([row.state, row.maps], ['INVALID', undefined]);
      assert.deepEqual(
        (await stack.listResults('maps/')).filter((key) => key.includes(row.run)),
        [],
      );
    });
  });

  /** What a catalogue is told of a run, and that all that it refers to is there. */
  async function assertItem(row: LedgerRow, model: string): Promise<void> {
    const { stack } = stacked();
    const key = resultItemKey(runOf(row));
    const item = JSON.parse(Buffer.from(await stack.readResult(key)).toString());
    assert.deepEqual([item.type, item.stac_version, item.id], ['Feature', '1.1.0', row.run]);
    assert.partialDeepStrictEqual(item.properties, {
      'processing:level': 'L4',
      'proj:code': 'EPSG:32629',
      'proj:shape': [HEIGHT, WIDTH],
    });
    const [west, south, east, north] = item.bbox;
    assert.ok(west > -9.01 && east < -8.98 && south > 53.2 && north < 53.26, `${item.bbox} is not at 9° W, 53° N`);
    const derived = item.links.filter(({ rel }: { rel: string }) => rel === 'derived_from');
    const hrefs = derived.map(({ href }: { href: string }) => decodeURIComponent(href));
    assert.equal(hrefs.length, 2);
    assert.ok(hrefs[0].endsWith(row.scene.key) && hrefs[1].endsWith(model), hrefs.join(', '));
    const there = new Set([...(await stack.listResults('maps/')), ...(await stack.listResults('predictions/'))]);
    const assets = Object.values(item.assets) as { href: string }[];
    assert.equal(assets.length, 4, 'two maps, the names of the classes, and a part of the predictions');
    for (const { href } of assets) assert.ok(there.has(join(dirname(key), href)), href);
  }
}

function runOf({ run: id, model, day }: LedgerRow) {
  return { id, model, day: day ?? assert.fail('a run that is done has a day') };
}

/** Stripes in which either band is the greater one, or neither is large; noise upon them, so that neighbours matter. */
function picture(seed: number): Uint8Array[] {
  const random = sfc32(seed, 0, 0);
  const planes = BANDS.map(() => new Uint8Array(WIDTH * HEIGHT));
  for (let i = 0; i < WIDTH * HEIGHT; i += 1) {
    if (i % WIDTH >= END) continue;
    const stripe = Math.floor((i % WIDTH) / 9) % 3;
    for (const [band, plane] of planes.entries())
      plane[i] = 1 + Math.floor(random() * (stripe === 2 ? 70 : band === stripe ? 160 : 130));
  }
  return planes;
}

function raster(planes: readonly Uint8Array[]): Uint8Array {
  const place = { epsg: 32629, origin: [WEST, NORTH], pixel: PIXEL } as const;
  return encodeGeoTiff({ width: WIDTH, height: HEIGHT, bands: planes, descriptions: BANDS, nodata: 0, ...place });
}

async function valuesOf(
  map: Awaited<ReturnType<typeof openBytes>>,
  band: number,
  type: 'uint8' | 'float32' = 'uint8',
): Promise<number[]> {
  const { width, height } = map;
  const into = makePlane(type, width * height);
  await map.read({ x: 0, y: 0, width, height }, [band], [into]);
  return [...into].map(Number);
}
