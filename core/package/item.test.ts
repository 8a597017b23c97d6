import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Edit, editedItem, INPUT, OUTPUT, PROPERTIES } from '../../test/benches/packages.ts';
import { InvalidModelPackage } from '../base/errors.ts';
import { MAX_BANDS, MAX_CLASSES, MAX_ENTRIES, MAX_SIDE } from '../base/limits.ts';
import { parseItem } from './item.ts';

/** What an item must have, field by field, and what is allowed in each place. */

const scaledBy = (scaling: unknown): Edit => [`${INPUT}/value_scaling`, [scaling]];
const classes = (...values: unknown[]): Edit => [`${OUTPUT}/classification:classes`, values];
const named = (count: number) => Array.from({ length: count }, (_, i) => `n${i}`);

async function refusalOf(...edits: Edit[]): Promise<string> {
  const item = await editedItem(...edits);
  try {
    parseItem(item);
    return '';
  } catch (error) {
    assert.ok(error instanceof InvalidModelPackage);
    return error.message;
  }
}

describe('a required field', () => {
  const paths = [
    'geometry',
    'id',
    'links',
    'assets',
    ...['mlm:name', 'mlm:architecture', 'mlm:tasks', 'mlm:input', 'mlm:output'].map((name) => `${PROPERTIES}/${name}`),
    `${PROPERTIES}/bands/0/name`,
    ...['name', 'input'].map((name) => `${INPUT}/${name}`),
    ...['shape', 'dim_order', 'data_type'].map((name) => `${INPUT}/input/${name}`),
    ...['name', 'tasks', 'result'].map((name) => `${OUTPUT}/${name}`),
    ...['shape', 'dim_order', 'data_type'].map((name) => `${OUTPUT}/result/${name}`),
    `${OUTPUT}/classification:classes/0/value`,
    `${OUTPUT}/classification:classes/0/name`,
  ];
  for (const path of paths)
    test(`is ${path}: where it is missing, the refusal names it`, async () => {
      const name = path.replaceAll(/\/(\d+)/g, '[$1]').replaceAll('/', '.');
      assert.ok((await refusalOf([path, undefined])).includes(name), await refusalOf([path, undefined]));
    });
});

describe('a scaling', () => {
  for (const [scaling, field] of [
    [{ type: 'scale' }, 'value'],
    [{ type: 'offset' }, 'value'],
    [{ type: 'min-max', maximum: 1 }, 'minimum'],
    [{ type: 'min-max', minimum: 1 }, 'maximum'],
    [{ type: 'clip', maximum: 1 }, 'minimum'],
    [{ type: 'clip', minimum: 1 }, 'maximum'],
    [{ type: 'z-score', stddev: 1 }, 'mean'],
    [{ type: 'z-score', mean: 1 }, 'stddev'],
    [{ type: 'clip-min' }, 'minimum'],
    [{ type: 'clip-max' }, 'maximum'],
  ] as const)
    test(`of type ${scaling.type} needs its ${field}`, async () => {
      assert.match(await refusalOf(scaledBy(scaling)), new RegExp(`value_scaling\\[0\\]\\.${field}`));
    });

  for (const scaling of [
    { type: 'scale', value: 0.5 },
    { type: 'offset', value: 0 },
    { type: 'z-score', mean: 5, stddev: 0.5 },
    { type: 'min-max', minimum: 1, maximum: 0 },
    { type: 'min-max', minimum: 0, maximum: 1 },
    { type: 'clip', minimum: 1, maximum: 1 },
    { type: 'clip', minimum: 0, maximum: 1 },
    { type: 'clip-min', minimum: 0 },
    { type: 'clip-max', maximum: 0 },
  ])
    test(`may be ${JSON.stringify(scaling)}`, async () => assert.equal(await refusalOf(scaledBy(scaling)), ''));

  for (const [scaling, allowed] of [
    [{ type: 'scale', value: 0 }, /does not divide by 0/],
    [{ type: 'z-score', mean: 0, stddev: 0 }, /a stddev above 0/],
    [{ type: 'min-max', minimum: 1, maximum: 1 }, /two different bounds/],
    [{ type: 'clip', minimum: 2, maximum: 1 }, /a minimum up to the maximum/],
    [
      { type: 'clip', minimum: 2 },
      /found nothing, allowed is a number \(with one bound alone, the type is clip-min or/,
    ],
  ] as const)
    test(`may not be ${JSON.stringify(scaling)}`, async () =>
      assert.match(await refusalOf(scaledBy(scaling)), allowed));

  for (const [what, scaling, read] of [
    [
      "one object, as pystac's extension writes it, is for all bands",
      { type: 'scale', value: 2 },
      [{ type: 'scale', value: 2 }],
    ],
    [
      'a null, as stac_model writes it, leaves its band as it is',
      [null, { type: 'offset', value: 1 }],
      [{ type: null }, { type: 'offset', value: 1 }],
    ],
    ['a null for the whole list leaves all bands as they are', null, null],
  ] as const)
    test(`in an item: ${what}`, async () => {
      const item = parseItem(await editedItem([`${INPUT}/value_scaling`, scaling]));
      assert.deepEqual(item.properties['mlm:input'][0].value_scaling, read);
    });

  test('that is one object is refused with what was found in it', async () => {
    const refusal = await refusalOf([`${INPUT}/value_scaling`, { type: 'scale', value: 0 }]);
    assert.match(refusal, /value_scaling\[0\]: found \{"type":"scale","value":0\}, allowed is a scale/);
  });
});

describe('limits:', () => {
  const one = { value: 1, name: 'one' };
  for (const [what, edit, allowed] of [
    ['the largest class value', classes({ ...one, value: 2 ** 31 - 1 }), null],
    ['the smallest class value', classes({ ...one, value: -(2 ** 31) }), null],
    ['a class value beyond 32 bits', classes({ ...one, value: 2 ** 31 }), /2147483647/],
    ['a class value below 32 bits', classes({ ...one, value: -(2 ** 31) - 1 }), /-2147483648/],
    ['the largest number of classes', classes(...named(MAX_CLASSES).map((name, value) => ({ name, value }))), null],
    ['one class too many', classes(...new Array(MAX_CLASSES + 1).fill(one)), /at most/],
    ['one band of the model too many', [`${INPUT}/bands`, named(MAX_BANDS + 1)], /at most/],
    ['one band of the file too many', [`${PROPERTIES}/bands`, new Array(MAX_BANDS + 1).fill({})], /at most/],
    ['the largest file', [`${PROPERTIES}/swath:source_shape`, [MAX_SIDE, 1]], null],
    ['a side too long', [`${PROPERTIES}/swath:source_shape`, [MAX_SIDE + 1, 1]], /swath:source_shape/],
    ['a side of 0', [`${PROPERTIES}/swath:source_shape`, [0, 1]], /swath:source_shape/],
    ['the largest number of assets', ['assets', assetsOf(MAX_ENTRIES)], null],
    ['one asset too many', ['assets', assetsOf(MAX_ENTRIES + 1)], /assets/],
  ] as [string, Edit, RegExp | null][])
    test(`${what} is ${allowed === null ? 'fine' : 'refused'}`, async () => {
      const refusal = await refusalOf(edit);
      if (allowed === null) assert.equal(refusal, '');
      else assert.match(refusal, allowed);
    });
});

describe('a place and a time', () => {
  const polygon: Edit = ['geometry', { type: 'Polygon', coordinates: [] }];
  const box = (...bounds: number[]): Edit => ['bbox', bounds];
  const [begin, end] = ['2024-01-01T00:00:00Z', '2024-12-31T00:00:00Z'];
  const times = (datetime: unknown, start?: unknown, over?: unknown): Edit[] => [
    [`${PROPERTIES}/datetime`, datetime],
    [`${PROPERTIES}/start_datetime`, start],
    [`${PROPERTIES}/end_datetime`, over],
  ];
  for (const [what, edits, allowed] of [
    ['four bounds', [polygon, box(1, 2, 3, 4)], null],
    ['six bounds', [polygon, box(1, 2, 3, 4, 5, 6)], null],
    ['five bounds', [polygon, box(1, 2, 3, 4, 5)], /4 or 6 numbers/],
    ['seven bounds', [polygon, box(1, 2, 3, 4, 5, 6, 7)], /4 or 6 numbers/],
    ['a geometry without a type', [['geometry', {}], box(1, 2, 3, 4)], /geometry\.type/],
    ['a time', times(begin), null],
    ['a span without a time', times(null, begin, end), null],
    ['a span beside a time', times(begin, begin, end), null],
    ['no time', times(null), /a datetime, or start_datetime and end_datetime/],
    ['half a span', times(begin, begin), /a datetime, or start_datetime and end_datetime/],
    ['a span with an invalid beginning', times(null, 'spring', end), /start_datetime/],
    ['a span with an invalid end', times(null, begin, 'autumn'), /end_datetime/],
    ['a link without an address', [['links', [{ rel: 'self' }]]], /links\[0\]\.href/],
    ['a link without a relation', [['links', [{ href: 'a' }]]], /links\[0\]\.rel/],
    ['an asset without an address', [['assets/other', { roles: [] }]], /assets\.other\.href/],
  ] as [string, Edit[], RegExp | null][])
    test(`${what} is ${allowed === null ? 'fine' : 'refused'}`, async () => {
      const refusal = await refusalOf(...edits);
      if (allowed === null) assert.equal(refusal, '');
      else assert.match(refusal, allowed);
    });

  for (const done of [{ expression: 'softmax' }, { format: 'swath' }])
    test(`a softmax needs both format and expression, not only ${JSON.stringify(done)}`, async () => {
      assert.match(await refusalOf([`${OUTPUT}/post_processing_function`, done]), /post_processing_function/);
    });
});

function assetsOf(count: number): Record<string, unknown> {
  return Object.fromEntries(named(count).map((name) => [name, { href: name }]));
}
