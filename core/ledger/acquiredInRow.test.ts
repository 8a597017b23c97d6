import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Acquired, monthAcquired, type TimeTold } from '../base/time/acquired.ts';
import { acquiredText } from '../base/time/acquiredText.ts';
import { acquiredInRow } from './acquiredInRow.ts';

const now = () => new Date('2026-03-01T12:00:00Z');
const item = (start: string, end?: string): TimeTold => ({ by: 'STAC Item', start, ...(end && { end }) });
const gdal: TimeTold = { by: 'ACQUISITIONDATETIME', start: '2018-03-03 03:03:03' };
const tag: TimeTold = { by: 'TIFFTAG_DATETIME', start: '2018:04:04 04:04:04' };
const [DATED, PATTERN] = ['a/20180202.tif', '%Y%m%d'];

describe('when a scene was acquired', () => {
  for (const [what, told, key, found] of [
    ['its Item first', [item('2018-01-01'), gdal, tag], DATED, ['2018-01-01T00:00:00.000Z', 'STAC Item']],
    ['then its key', [tag, gdal], DATED, ['2018-02-02T00:00:00.000Z', 'key']],
    ['then GDAL', [tag, gdal], 'a.tif', ['2018-03-03T03:03:03.000Z', 'ACQUISITIONDATETIME']],
    ['then the tag', [tag], 'a.tif', ['2018-04-04T04:04:04.000Z', 'TIFFTAG_DATETIME']],
    ['its key, if its Item has no time', [item('0001-01-01')], DATED, ['2018-02-02T00:00:00.000Z', 'key']],
    [
      'a tag of today in a zone ahead',
      [{ ...tag, start: '2026:03:02 01:00:00' }],
      'a.tif',
      ['2026-03-02T01:00:00.000Z', tag.by],
    ],
    ['nobody', [], 'a.tif', []],
    [
      'nobody by zeros',
      [
        { ...tag, start: '0000:00:00 00:00:00' },
        { ...gdal, start: '' },
      ],
      'a.tif',
      [],
    ],
    ['not the key of a request', [], 'requests/20180202.json', []],
  ] as const)
    test(`says ${what}`, () => {
      const { acquired } = acquiredInRow({ key }, told, { acquisitionTimePattern: PATTERN, now });
      assert.deepEqual(acquired ? [acquired.at, acquired.by] : [], found);
    });

  for (const [what, told, found] of [
    ['before its start', item('2018-02-01', '2018-01-01'), '2018-02-01 to 2018-01-01'],
    ['in the future', { ...tag, start: '2027:01:01 00:00:00' }, '2027:01:01 00:00:00'],
    ['of a month 13', { ...tag, start: '2018:13:01 00:00:00' }, '2018:13:01 00:00:00'],
    ['very long', { ...tag, start: '1'.repeat(500) }, '1'.repeat(60)],
  ] as const)
    test(`is not known if all that was found is ${what}, which is kept to be shown`, () => {
      const { acquired } = acquiredInRow({ key: 'a.tif' }, [told], { acquisitionTimePattern: '', now });
      assert.deepEqual(acquired, { at: null, by: told.by, found });
      assert.equal(
        acquiredText(acquired!),
        `not known: ${told.by} says "${found}", which is no time from 1900 until now`,
      );
    });

  test('may be an interval, which may end later', () => {
    const told = [item('2026-01-01', '2026-12-31T23:59:59Z')];
    const { acquired } = acquiredInRow({ key: 'a.tif' }, told, { acquisitionTimePattern: '', now });
    const [at, until] = ['2026-01-01T00:00:00.000Z', '2026-12-31T23:59:59.000Z'];
    assert.deepEqual(acquired, { at, until, by: 'STAC Item' });
    assert.equal(acquiredText(acquired!), `${at} to ${until}, by STAC Item`);
  });

  test('gives the month; a date in the name is preferred to a tag that may say when the file was made', () => {
    const at = '2018-07-01T00:00:00.000Z';
    const of = (key: string, acquired: Acquired) => monthAcquired({ scene: { key }, acquired });
    assert.equal(of('20180102.tif', { at, by: 'ACQUISITIONDATETIME' }), 7);
    assert.equal(of('20180102.tif', { at, by: 'TIFFTAG_DATETIME' }), 1);
    assert.equal(of('a.tif', { at, by: 'TIFFTAG_DATETIME' }), 7);
    assert.equal(of('20180102.tif', { at: null, by: 'STAC Item' }), undefined);
  });
});
