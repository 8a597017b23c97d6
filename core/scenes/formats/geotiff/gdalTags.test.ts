import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeGeoTiff } from '../../../../test/geoTiff.ts';
import { openBytes } from '../../../../test/tiff.ts';
import { MAX_TIFF_TAG_BYTES } from '../../../base/limits.ts';
import { parseNodata } from '../../raster/nodata.ts';
import type { RasterType } from '../../raster/raster.ts';
import { parseMetadata } from './gdalTags.ts';

/** As GDAL 3.10.3 does; but it takes a text without a number for 0. */
describe('nodata text is parsed to a value of the type, or to null:', () => {
  for (const [text, type, expected] of [
    ['0', 'uint8', 0],
    ['-0', 'int8', 0],
    [' 255 ', 'uint8', 255],
    ['2.55e2', 'uint8', 255],
    ['256', 'uint8', null],
    ['-1', 'uint16', null],
    ['2.5', 'uint8', 2],
    ['-0.5', 'int8', 0],
    ['-0.5', 'uint8', null],
    ['-9999 -9999', 'int16', -9999],
    ['-9999abc', 'float32', -9999],
    ['-9999,5', 'float64', -9999.5],
    ['-9999,5', 'int16', -9999],
    ['1.5,2', 'float32', 1.5],
    ['.5', 'float32', 0.5],
    ['5e+', 'float32', 5],
    ['1.#QNAN', 'float32', Number.NaN],
    ['-1.#IND', 'float64', Number.NaN],
    ['1'.repeat(2 ** 20), 'float64', Number.MAX_VALUE],
    ['nan', 'int16', null],
    ['inf', 'int32', null],
    ['-2147483648', 'int32', -2147483648],
    ['4294967296', 'uint32', null],
    ['nan', 'float32', Number.NaN],
    ['-NaN', 'float64', Number.NaN],
    ['-inf', 'float32', Number.NEGATIVE_INFINITY],
    ['-1.#INF', 'float64', Number.NEGATIVE_INFINITY],
    ['0.1', 'float32', Math.fround(0.1)],
    ['0.1', 'float64', 0.1],
    ['-3.4028234663852886e+38', 'float32', -3.4028234663852886e38],
    ['-1.79769313486232e+308', 'float32', null],
    ['-1.7976931348623157e+308', 'float64', -Number.MAX_VALUE],
    ['-1.79769313486232e+308', 'float64', -Number.MAX_VALUE],
    ['9223372036854775807', 'int64', 2n ** 63n - 1n],
    ['-9223372036854775808', 'int64', -(2n ** 63n)],
    ['9223372036854775808', 'int64', null],
    ['18446744073709551615', 'uint64', 2n ** 64n - 1n],
    ['-1', 'uint64', null],
    ['7.0', 'uint64', 7n],
    ['7.5', 'int64', 7n],
    ['-7 8', 'int64', -7n],
    ['1'.repeat(2 ** 20), 'uint64', null],
    ['', 'float64', null],
    ['none', 'float32', null],
    ['0x10', 'uint8', 0],
    ['abc', 'int64', null],
    ['--7', 'float32', null],
  ] as [string, RasterType, number | bigint | null][])
    test(`${JSON.stringify(text.slice(0, 40))} of ${type}`, () => assert.deepEqual(parseNodata(text, type), expected));
});

describe('metadata', () => {
  const nothing = { description: null, scale: null, offset: null };
  const item = (attributes: string, text: string) =>
    `<GDALMetadata>\n  <Item ${attributes}>${text}</Item>\n</GDALMetadata>`;

  for (const [what, xml, expected] of [
    [
      'a description',
      item('name="DESCRIPTION" sample="1" role="description"', 'B02'),
      [nothing, { ...nothing, description: 'B02' }],
    ],
    ['a name of a band', item('name="BANDNAME" sample="0"', 'B4'), [{ ...nothing, description: 'B4' }, nothing]],
    [
      'a name of a band and a description',
      item('name="BANDNAME" sample="0"', 'B4') + item('name="DESCRIPTION" sample="0" role="description"', 'Red'),
      [{ ...nothing, description: 'Red' }, nothing],
    ],
    ['a scale', item('role="scale" name="SCALE" sample="0"', '0.0001'), [{ ...nothing, scale: 0.0001 }, nothing]],
    ['an offset', item('name="OFFSET" sample="0" role="offset"', '-1e3'), [{ ...nothing, offset: -1000 }, nothing]],
    ['a scale that is no number', item('sample="0" role="scale"', 'twice'), [nothing, nothing]],
    ['a band that does not exist', item('sample="2" role="scale"', '2'), [nothing, nothing]],
    ['a band that is no number', item('sample="x" role="scale"', '2'), [nothing, nothing]],
    ['an item that is not about a band', item('name="PLACE"', 'Rome'), [nothing, nothing]],
    [
      'characters that are escaped',
      item('sample="0" role="description"', '&#65;&#x42;&lt;&amp;amp;&what;'),
      [{ ...nothing, description: 'AB<&&what;' }, nothing],
    ],
    ['a text that is not XML', 'B02, B03', [nothing, nothing]],
  ] as const)
    test(`with ${what}`, () => assert.deepEqual(parseMetadata(xml, 2).bands, expected));

  test('names a value of no data for each band, or says nothing of it', () => {
    for (const [written, noData] of [
      ['7 -1', ['7', '-1']],
      [' 7  8 ', ['7', '8']],
      ['7', []],
      ['7 8 9', []],
      ['', []],
    ] as const)
      assert.deepEqual(parseMetadata(item('name="NODATA_VALUES"', written), 2).noData, noData);
    assert.deepEqual(parseMetadata(item('name="NODATA_VALUES" sample="0"', '7 8'), 2).noData, []);
  });

  test('that could slow down a parser is parsed quickly', () => {
    const before = process.cpuUsage();
    for (const piece of ['<Item ', '<Item>', '<Item a="', 'a', '<Item a=', '&#', '<Item sample="0" role="scale">1'])
      parseMetadata(`<Item ${piece.repeat(2 ** 20 / piece.length)}</Item>`, 1);
    parseMetadata(item('sample="0" role="scale"', '1'.repeat(2 ** 20)), 1);
    assert.ok(process.cpuUsage(before).user < 5e6);
  });
});

describe('when an image was acquired', () => {
  /** As GDAL 3.6.2 writes it. */
  const metadata = '<Item name="ACQUISITIONDATETIME" domain="IMAGERY">2018-01-06 15:33:21</Item>';
  const dateTime = '2018:01:19 04:05:06';
  for (const [what, tags, found] of [
    ['in the tag DateTime', { dateTime }, ['', dateTime]],
    ["in GDAL's metadata", { metadata }, ['2018-01-06 15:33:21', '']],
    ['in both', { metadata, dateTime }, ['2018-01-06 15:33:21', dateTime]],
    ['nowhere', {}, ['', '']],
    ['in a tag too long to be read', { dateTime: '1'.repeat(MAX_TIFF_TAG_BYTES) }, ['', '']],
  ] as const)
    test(`is told as it is written: ${what}`, async () => {
      const { times = [] } = await openBytes(
        encodeGeoTiff({ width: 2, height: 2, bands: [new Uint8Array(4)], ...tags }),
      );
      assert.deepEqual(
        times.map(({ start }) => start),
        found,
      );
    });
});
