import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hectaresWithin } from './hectaresWithin.ts';

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
