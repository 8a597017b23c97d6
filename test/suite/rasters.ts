import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertGolden, assertGoldenRun, golden } from './golden.ts';
import { ACROSS, LENGTH, NORTH, PIXEL, SIDE, shardRaster, WEST } from './shardRaster.ts';
import type { Stacked } from './subject.ts';

/** Where the first chip lies, by PROJ as rasterio 1.4.4 brings it: `rasterio.warp.transform('EPSG:32637', 'OGC:CRS84', …)`. */
const FIRST = [
  [38.100360025146514, 2.713837411553505],
  [38.10037302473805, 2.696197733672772],
  [38.11791433852016, 2.696210636424768],
  [38.11790159231935, 2.7138503988417506],
];

/** The chips of the bundled shard as one raster: nine beside one another, nine below one another. */
export function rasters(stacked: Stacked): void {
  test("a GeoTIFF of the real shard's chips comes out as the shard does, and each chip has its place on earth", async () => {
    const { run, predictionsOf } = stacked();
    const row = await run('raster.tif', shardRaster());
    assertGoldenRun(row, golden.models.baseline);
    assert.partialDeepStrictEqual(row, { state: 'DONE', chips: 81, blank: 2, parts: 1 });
    const { transform, outline, ...raster } = row.raster!;
    assert.equal(transform?.length, 6);
    assert.equal(outline?.geometry.type, 'Polygon');
    assert.deepEqual(raster, {
      ...{ width: LENGTH, height: LENGTH, bandsBy: 'description', crs: 'EPSG:32637' },
      bounds: [WEST, NORTH - LENGTH * PIXEL, WEST + LENGTH * PIXEL, NORTH],
    });
    const rows = (await predictionsOf(row)).flatMap((part) => part.rows);
    assertGolden(rows, golden.models.baseline);
    for (const { index, x, y, width, height, length, geometry } of rows) {
      const place = [(index % ACROSS) * SIDE, Math.floor(index / ACROSS) * SIDE, SIDE, SIDE, 0];
      assert.deepEqual([x, y, width, height, length], place);
      const [ring = []] = geometry?.coordinates ?? [];
      assert.deepEqual([ring.length, ring[0]], [5, ring[4]]);
      if (index === 0) for (const [i, corner] of FIRST.entries()) assertNear(ring[i]!, corner);
    }
  });
}

/** A ten-thousandth of a millimetre. */
const DEGREES = 1e-12;

function assertNear(found: readonly number[], wanted: readonly number[]): void {
  for (const [i, value] of wanted.entries())
    assert.ok(Math.abs(found[i]! - value) < DEGREES, `${found} is not ${wanted}`);
}
