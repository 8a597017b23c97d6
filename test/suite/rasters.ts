import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resultItemKey } from '../../core/base/keys.ts';
import { assertGolden, assertGoldenRun, golden } from './golden.ts';
import { ACROSS, LENGTH, NORTH, PIXEL, SIDE, shardRaster, shardRasters, WEST } from './shardRaster.ts';
import type { Stacked } from './subject.ts';

/** Where the first chip lies, by PROJ as rasterio 1.4.4 brings it: `rasterio.warp.transform('EPSG:32637', 'OGC:CRS84', …)`. */
const FIRST = [
  [38.100360025146514, 2.713837411553505],
  [38.10037302473805, 2.696197733672772],
  [38.11791433852016, 2.696210636424768],
  [38.11790159231935, 2.7138503988417506],
];

/** When the scenes were acquired. */
const TAKEN = '2018-01-06T15:33:21.000Z';

/** The chips of the bundled shard as one raster: nine beside one another, nine below one another. */
export function rasters(stacked: Stacked): void {
  test("a GeoTIFF of the real shard's chips comes out as the shard does, and each chip has its place on earth", async () => {
    const { run, predictionsOf } = stacked();
    const row = await run('raster.tif', shardRaster('2018:01:06 15:33:21'));
    assertGoldenRun(row, golden.models.baseline);
    assert.deepEqual(row.acquired, { at: TAKEN, by: 'TIFFTAG_DATETIME' });
    assert.partialDeepStrictEqual(row, { state: 'DONE', chips: 81, blank: 2, parts: 1 });
    const { transform, outline, ...raster } = row.raster!;
    assert.equal(transform?.length, 6);
    assert.equal(outline?.geometry.type, 'Polygon');
    assert.deepEqual(raster, {
      width: LENGTH,
      height: LENGTH,
      bandsBy: 'description',
      crs: 'EPSG:32637',
      bounds: [WEST, NORTH - LENGTH * PIXEL, WEST + LENGTH * PIXEL, NORTH],
    });
    const rows = (await predictionsOf(row)).flatMap((part) => part.rows);
    assertGolden(rows, golden.models.baseline);
    for (const { index, x, y, width, height, length, geometry, acquired } of rows) {
      assert.equal(acquired?.toISOString(), TAKEN);
      const place = [(index % ACROSS) * SIDE, Math.floor(index / ACROSS) * SIDE, SIDE, SIDE, 0];
      assert.deepEqual([x, y, width, height, length], place);
      const [ring = []] = geometry?.coordinates ?? [];
      assert.deepEqual([ring.length, ring[0]], [5, ring[4]]);
      if (index === 0) for (const [i, corner] of FIRST.entries()) assertNear(ring[i]!, corner);
    }
  });

  test('a STAC Item of a file for each band comes out as the shard does, and is another content with another file', async () => {
    const { stack, run, key, predictionsOf } = stacked();
    const files = shardRasters();
    const item = Buffer.from(
      JSON.stringify({
        type: 'Feature',
        stac_version: '1.1.0',
        id: 'shard',
        properties: { datetime: '2018-01-06T16:33:21+01:00' },
        assets: Object.fromEntries(files.map(({ name }) => [name, { href: `./shard.assets/${name}.tif` }])),
      }),
    );
    const send = async (folder: string, changed = files) => {
      for (const { name, bytes } of changed) await stack.putBeside(key(`${folder}/shard.assets/${name}.tif`), bytes);
      return run(`${folder}/shard.stac.json`, item);
    };
    const row = await send('item');
    assertGoldenRun(row, golden.models.baseline);
    assert.partialDeepStrictEqual(row, { state: 'DONE', chips: 81, blank: 2, size: item.length });
    assert.partialDeepStrictEqual(row.raster, { width: LENGTH, bandsBy: 'name', crs: 'EPSG:32637' });
    assert.deepEqual(row.acquired, { at: TAKEN, by: 'STAC Item' });
    const rows = (await predictionsOf(row)).flatMap((part) => part.rows);
    assert.ok(rows.every(({ acquired }) => acquired?.toISOString() === TAKEN));
    assertGolden(rows, golden.models.baseline);
    const result = JSON.parse(
      Buffer.from(await stack.readResult(resultItemKey({ id: row.run, model: row.model, day: row.day! }))).toString(),
    );
    assert.deepEqual([result.properties.datetime, result.properties.description], [TAKEN, undefined]);

    assert.partialDeepStrictEqual(await send('same'), { state: 'DUPLICATE', duplicateOf: row.run, digest: row.digest });
    const [first, ...others] = files as [(typeof files)[number], ...typeof files];
    const bytes = first.bytes.slice();
    bytes[bytes.length - 1]! ^= 1;
    const other = await send('other', [{ ...first, bytes }, ...others]);
    assert.equal(other.state, 'DONE');
    assert.notEqual(other.digest, row.digest);
  });
}

/** A ten-thousandth of a millimetre. */
const DEGREES = 1e-12;

function assertNear(found: readonly number[], wanted: readonly number[]): void {
  for (const [i, value] of wanted.entries())
    assert.ok(Math.abs(found[i]! - value) < DEGREES, `${found} is not ${wanted}`);
}
