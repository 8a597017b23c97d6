import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Edit, editedPackage, INPUT, isRefusedPackage, PROPERTIES } from '../../test/benches/packages.ts';

/** Where an item lists the scene files' bands, and what each list says of them. */

const ASSET = 'assets/model';
const NONE: Edit[] = [
  [`${PROPERTIES}/bands`, undefined],
  [`${ASSET}/bands`, undefined],
  [`${INPUT}/bands`, ['red', 'nir']],
  [`${INPUT}/input/shape/3`, 2],
];

async function bandsOf(...edits: Edit[]): Promise<string[]> {
  const { source } = await editedPackage([...NONE, ...edits]);
  return source.bands.map(({ name, dataType, commonName }) => [name, dataType, commonName ?? '-'].join(' '));
}

const stac = [
  { name: 'nir', data_type: 'uint16', 'eo:common_name': 'nir08' },
  { name: 'red', data_type: 'int16' },
];
const eo = [{ name: 'red', common_name: 'red' }, { name: 'nir' }];
const raster = [
  { name: 'red', data_type: 'uint16', scale: 0.0001 },
  { name: 'nir', data_type: 'uint8' },
];

describe('bands', () => {
  for (const [of, edits, bands] of [
    ['properties.bands', [[`${PROPERTIES}/bands`, stac]], ['nir uint16 nir08', 'red int16 -']],
    ["the asset's bands", [[`${ASSET}/bands`, stac]], ['nir uint16 nir08', 'red int16 -']],
    ["the asset's eo:bands", [[`${ASSET}/eo:bands`, eo]], ['red float32 red', 'nir float32 -']],
    ["the asset's raster:bands", [[`${ASSET}/raster:bands`, raster]], ['red uint16 -', 'nir uint8 -']],
    [
      'both extensions, in one place',
      [
        [`${PROPERTIES}/eo:bands`, eo],
        [`${PROPERTIES}/raster:bands`, raster],
      ],
      ['red uint16 red', 'nir uint8 -'],
    ],
    [
      'both extensions, the second without names',
      [
        [`${ASSET}/eo:bands`, eo],
        [`${ASSET}/raster:bands`, raster.map(({ data_type }) => ({ data_type }))],
      ],
      ['red uint16 red', 'nir uint8 -'],
    ],
    [
      'the properties, if the asset only has other names',
      [
        [`${ASSET}/eo:bands`, [{ name: 'r' }, { name: 'n' }]],
        [`${PROPERTIES}/eo:bands`, eo],
      ],
      ['red float32 red', 'nir float32 -'],
    ],
    [
      'the asset, if the properties only have other names',
      [
        [`${PROPERTIES}/eo:bands`, [{ name: 'r' }, { name: 'n' }]],
        [`${ASSET}/raster:bands`, raster],
      ],
      ['red uint16 -', 'nir uint8 -'],
    ],
    [
      'bands with only common names',
      [[`${ASSET}/eo:bands`, [{ common_name: 'nir' }, { common_name: 'red' }]]],
      ['nir float32 nir', 'red float32 red'],
    ],
    [
      'cube:variables',
      [
        [`${INPUT}/bands`, undefined],
        [`${INPUT}/variables`, ['nir', { name: 'red' }]],
        [`${INPUT}/input/dim_order/3`, 'variables'],
        [`${PROPERTIES}/cube:variables`, { red: { data_type: 'float64' }, nir: {} }],
      ],
      ['red float64 -', 'nir float32 -'],
    ],
    ['no list, but the input names them', [], ['red float32 -', 'nir float32 -']],
    ['no list, for a model of bytes', [[`${INPUT}/input/data_type`, 'uint8']], ['red uint8 -', 'nir uint8 -']],
  ] as [of: string, edits: Edit[], bands: string[]][])
    test(`are those of ${of}`, async () => assert.deepEqual(await bandsOf(...edits), bands));

  test('are all listed ones if an input does not name any', async () => {
    const edits: Edit[] = [
      [`${ASSET}/eo:bands`, eo],
      [`${INPUT}/bands`, []],
    ];
    const { bands } = await editedPackage([...NONE, ...edits]);
    assert.deepEqual(bands, [
      { name: 'red', source: 0 },
      { name: 'nir', source: 1 },
    ]);
  });

  for (const [edits, says] of [
    [
      [[`${ASSET}/raster:bands`, [{ name: 'B04 - red', data_type: 'uint16' }]]],
      'properties.mlm:input[0].bands[0]: found "red", allowed is one of assets.model.raster:bands (B04 - red)',
    ],
    [
      [[`${ASSET}/raster:bands`, [{ name: 'red', data_type: 'cint16' }]]],
      'assets.model.raster:bands[0].data_type: found "cint16", allowed is "uint8"',
    ],
    [
      [[`${INPUT}/variables`, ['t2m']]],
      'properties.mlm:input[0].variables: found ["t2m"], allowed is nothing beside bands',
    ],
  ] as [edits: Edit[], says: string][])
    test(`are refused: ${says}`, () => isRefusedPackage(bandsOf(...edits), says));
});

test('scale and offset of stored values are taken from the list that has them', async () => {
  const edits: Edit[] = [
    [`${ASSET}/eo:bands`, eo],
    [`${ASSET}/raster:bands`, raster],
    [`${PROPERTIES}/swath:physical`, true],
  ];
  const { source } = await editedPackage([...NONE, ...edits]);
  assert.deepEqual(
    source.bands.map(({ dataType, physical }) => [dataType, physical]),
    [
      ['float32', { scale: 0.0001, offset: 0 }],
      ['float32', { scale: 1, offset: 0 }],
    ],
  );
});

test('an item without a version is version 0', async () => {
  assert.equal((await editedPackage([[`${PROPERTIES}/version`, undefined]])).version, '0');
});

for (const [release, isOlder] of [
  ['mlm/v1.4.0', true],
  ['dlm/v1.0.0', true],
  ['raster/v1.1.0', false],
] as const)
  test(`an item that names ${release} is refused${isOlder ? ' with what is different since' : ''}`, async () => {
    const extensions = [`https://stac-extensions.github.io/${release}/schema.json`];
    await assert.rejects(editedPackage([['stac_extensions', extensions]]), (error: Error) => {
      assert.match(error.message, /allowed is a list with "https:\/\/stac-extensions.github.io\/mlm\/v1.5.2/);
      assert.equal(error.message.includes('value_scaling says what norm_type'), isOlder, error.message);
      return true;
    });
  });
