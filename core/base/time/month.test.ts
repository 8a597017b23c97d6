import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yearMonthIn } from './month.ts';

for (const [key, found] of [
  ['S2A_MSIL2A_20260301T100031_T33UUP.tif', '2026-03'],
  ['2026-03-01/scene.tif', '2026-03'],
  ['a2a20810607b/S2A_20260105.tif', '2026-01'],
  ['a2a20810607b/scene.tif', undefined],
  ['scene_20261301.tif', undefined],
] as const)
  test(`the month in ${key} is ${found}`, () => assert.equal(yearMonthIn(key), found));
