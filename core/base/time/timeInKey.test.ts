import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { timeInKey } from './timeInKey.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

describe('the time in a key', () => {
  for (const [pattern, key, time] of [
    ['MSIL2A_%Y%m%dT%H%M%S', 'S2A_MSIL2A_20180601T101031_N0208_T32TPS_20200601T1.zip', '2018-06-01T10:10:31.000Z'],
    ['_%Y%m%d_', 'LC08_L2SP_005009_20150710_20200908_02_T2.tif', '2015-07-10T00:00:00.000Z'],
    ['%Y%m%d', 'LC08_L2SP_005009_20150710_20200908_02_T2.tif', '2015-07-10T00:00:00.000Z'],
    ['LC8??????%Y%j', 'LC80990102016366LGN00.tif', '2016-12-31T00:00:00.000Z'],
    ['year=%Y/month=%m/day=%d', 'a/year=2018/month=02/day=03/x.tif', '2018-02-03T00:00:00.000Z'],
    ['%d.%m.%Y', '31.12.2018.tif', '2018-12-31T00:00:00.000Z'],
    ['%Y%m%d', '20181301/20189999/20180704.tif', '2018-07-04T00:00:00.000Z'],
    ['_%Y%m%d_', 'S_12345678_20180704_x.tif', '2018-07-04T00:00:00.000Z'],
    ['%Y%m%d', 'tile_1234567890.tif', null],
    ['%Y%m%d', '29990101.tif', null],
    ['%Y%j', 'a2017366.tif', null],
    ['%Y%j', 'a2017000.tif', null],
    ['%d.%m.%Y', '31x12x2018.tif', null],
    ['a?%Y%j', 'a/2018001', null],
  ] as const)
    test(`by ${pattern} of ${key} is ${time}`, () => assert.equal(timeInKey(key, pattern, NOW), time));

  test('is found in no time, however long the key and the pattern are', () => {
    const began = performance.now();
    assert.equal(timeInKey('1'.repeat(1024), `${'?'.repeat(190)}%Y%j%H`, NOW), null);
    assert.ok(performance.now() - began < 100);
  });
});
