import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PixelLayout } from '../../package/outputLayout.ts';
import { hectaresWithin, placedWindow } from './hectaresWithin.ts';

/** From the meridian's and the parallels' radii of curvature, integrated numerically with scipy.integrate.quad. */
const CELLS = [12308.46389397535, 6123.140878745708];

for (const [what, [west, south, east, north], squareKilometres] of [
  ['all of WGS84', [-180, -90, 180, 90], 510_065_621.724], // H. Moritz, Geodetic Reference System 1980
  ['a cell of a degree at the equator', [10, 0, 11, 1], CELLS[0]!],
  ['a cell of a degree at 60° N', [10, 60, 11, 61], CELLS[1]!],
  ['one across the antimeridian', [179.5, 60, 180.5, 61], CELLS[1]!],
] as [what: string, box: [number, number, number, number], squareKilometres: number][])
  test(`the area of ${what}`, () => {
    const found = hectaresWithin(Float64Array.of(west, north, west, south, east, south, east, north)) / 100;
    assert.ok(Math.abs(found / squareKilometres - 1) < 1e-6, `${found}, not ${squareKilometres}`);
  });

describe('near a pole, a window in degrees has its land', () => {
  const size = { width: 32, height: 32 };
  const crs = { toLonLat: (x: number, y: number) => [x, y] as const };
  const hectaresOf = (top: number, pixels: PixelLayout | null) =>
    placedWindow({ x: 0, y: 0, ...size }, [10, 0.006, 0, top, 0, -0.006], crs, {
      source: { ...size, bands: [] },
      overlap: 0,
      output: { pixels },
    }).hectares;

  for (const top of [70, 80, 85, 89.8, 90, -89.808])
    test(`from ${top}° on, and none where its pixels would have to share it evenly and are not alike`, () => {
      const bottom = top - 32 * 0.006;
      const land = hectaresWithin([10, top, 10, bottom, 10.192, bottom, 10.192, top]);
      assert.ok(Math.abs(hectaresOf(top, null) / land - 1) < 1e-6);
      const [of, even] = [hectaresOf(top, { ...size } as PixelLayout), Math.abs(top) < 81];
      assert.ok(even ? Math.abs(of / land - 1) < 1e-6 : Number.isNaN(of), `${of}`);
    });
});
