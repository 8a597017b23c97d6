import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Edit, editedPackage, INPUT, PROPERTIES } from '../../test/benches/packages.ts';

/** Where an item lists the scene files' bands, and what each list says of them. */

const ASSET = ['assets', 'model'] as const;
const NONE: Edit[] = [
  [[...PROPERTIES, 'bands'], undefined],
  [[...ASSET, 'bands'], undefined],
  [
    [...INPUT, 'bands'],
    ['red', 'nir'],
  ],
  [[...INPUT, 'input', 'shape', 3], 2],
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
  for (const { of, edits, bands } of [
    { of: 'properties.bands', edits: [[[...PROPERTIES, 'bands'], stac]], bands: ['nir uint16 nir08', 'red int16 -'] },
    { of: "the asset's bands", edits: [[[...ASSET, 'bands'], stac]], bands: ['nir uint16 nir08', 'red int16 -'] },
    { of: "the asset's eo:bands", edits: [[[...ASSET, 'eo:bands'], eo]], bands: ['red float32 red', 'nir float32 -'] },
    {
      of: "the asset's raster:bands",
      edits: [[[...ASSET, 'raster:bands'], raster]],
      bands: ['red uint16 -', 'nir uint8 -'],
    },
    {
      of: 'both extensions, in one place',
      edits: [
        [[...PROPERTIES, 'eo:bands'], eo],
        [[...PROPERTIES, 'raster:bands'], raster],
      ],
      bands: ['red uint16 red', 'nir uint8 -'],
    },
    {
      of: 'both extensions, the second without names',
      edits: [
        [[...ASSET, 'eo:bands'], eo],
        [[...ASSET, 'raster:bands'], raster.map(({ data_type }) => ({ data_type }))],
      ],
      bands: ['red uint16 red', 'nir uint8 -'],
    },
    {
      of: 'the properties, if the asset only has other names',
      edits: [
        [
          [...ASSET, 'eo:bands'],
          [{ name: 'r' }, { name: 'n' }],
        ],
        [[...PROPERTIES, 'eo:bands'], eo],
      ],
      bands: ['red float32 red', 'nir float32 -'],
    },
    {
      of: 'the asset, if the properties only have other names',
      edits: [
        [
          [...PROPERTIES, 'eo:bands'],
          [{ name: 'r' }, { name: 'n' }],
        ],
        [[...ASSET, 'raster:bands'], raster],
      ],
      bands: ['red uint16 -', 'nir uint8 -'],
    },
    {
      of: 'bands with only common names',
      edits: [
        [
          [...ASSET, 'eo:bands'],
          [{ common_name: 'nir' }, { common_name: 'red' }],
        ],
      ],
      bands: ['nir float32 nir', 'red float32 red'],
    },
    {
      of: 'cube:variables',
      edits: [
        [[...INPUT, 'bands'], undefined],
        [
          [...INPUT, 'variables'],
          ['nir', { name: 'red' }],
        ],
        [[...INPUT, 'input', 'dim_order', 3], 'variables'],
        [[...PROPERTIES, 'cube:variables'], { red: { data_type: 'float64' }, nir: {} }],
      ],
      bands: ['red float64 -', 'nir float32 -'],
    },
    { of: 'no list, but the input names them', edits: [], bands: ['red float32 -', 'nir float32 -'] },
    {
      of: 'no list, for a model of bytes',
      edits: [[[...INPUT, 'input', 'data_type'], 'uint8']],
      bands: ['red uint8 -', 'nir uint8 -'],
    },
  ] as { of: string; edits: Edit[]; bands: string[] }[])
    test(`are those of ${of}`, async () => assert.deepEqual(await bandsOf(...edits), bands));

  test('are all listed ones if an input does not name any', async () => {
    const edits: Edit[] = [
      [[...ASSET, 'eo:bands'], eo],
      [[...INPUT, 'bands'], []],
    ];
    const { bands } = await editedPackage([...NONE, ...edits]);
    assert.deepEqual(bands, [
      { name: 'red', source: 0 },
      { name: 'nir', source: 1 },
    ]);
  });

  for (const { of, edits, says } of [
    {
      of: 'that are in no list',
      edits: [[[...ASSET, 'raster:bands'], [{ name: 'B04 - red', data_type: 'uint16' }]]],
      says: 'properties.mlm:input[0].bands[0]: found "red", allowed is one of assets.model.raster:bands (B04 - red)',
    },
    {
      of: 'of an unsupported type',
      edits: [[[...ASSET, 'raster:bands'], [{ name: 'red', data_type: 'cint16' }]]],
      says: 'assets.model.raster:bands[0].data_type: found "cint16", allowed is "uint8"',
    },
    {
      of: 'beside variables',
      edits: [[[...INPUT, 'variables'], ['t2m']]],
      says: 'properties.mlm:input[0].variables: found ["t2m"], allowed is nothing beside bands',
    },
  ] as { of: string; edits: Edit[]; says: string }[])
    test(`${of} are refused`, async () => {
      await assert.rejects(bandsOf(...edits), (error: Error) => {
        assert.ok(error.message.includes(says), error.message);
        return true;
      });
    });
});

test('scale and offset of stored values are taken from the list that has them', async () => {
  const edits: Edit[] = [
    [[...ASSET, 'eo:bands'], eo],
    [[...ASSET, 'raster:bands'], raster],
    [[...PROPERTIES, 'swath:physical'], true],
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
  assert.equal((await editedPackage([[[...PROPERTIES, 'version'], undefined]])).version, '0');
});

for (const [release, isOlder] of [
  ['mlm/v1.4.0', true],
  ['dlm/v1.0.0', true],
  ['raster/v1.1.0', false],
] as const)
  test(`an item that names ${release} is refused${isOlder ? ' with what is different since' : ''}`, async () => {
    const extensions = [`https://stac-extensions.github.io/${release}/schema.json`];
    await assert.rejects(editedPackage([[['stac_extensions'], extensions]]), (error: Error) => {
      assert.match(error.message, /allowed is a list with "https:\/\/stac-extensions.github.io\/mlm\/v1.5.2/);
      assert.equal(error.message.includes('value_scaling says what norm_type'), isOlder, error.message);
      return true;
    });
  });
