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

/** By the path of each edit, what is there instead. */
type Edits = Record<string, unknown>;
const packageOf = (edits: Edits) => editedPackage([...NONE, ...Object.entries(edits)]);

async function bandsOf(edits: Edits): Promise<string[]> {
  const { source } = await packageOf(edits);
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
  const IN = { properties: `${PROPERTIES}/bands`, asset: `${ASSET}/bands` };
  const EO = { properties: `${PROPERTIES}/eo:bands`, asset: `${ASSET}/eo:bands` };
  const RASTER = { properties: `${PROPERTIES}/raster:bands`, asset: `${ASSET}/raster:bands` };
  const others = [{ name: 'r' }, { name: 'n' }];
  const commonNames = [{ common_name: 'nir' }, { common_name: 'red' }];
  const nameless = raster.map(({ data_type }) => ({ data_type }));
  const renamed = nameless.map((band, i) => ({ ...band, name: `Band ${i + 1}` }));
  const cube = {
    [`${INPUT}/bands`]: undefined,
    [`${INPUT}/variables`]: ['nir', { name: 'red' }],
    [`${INPUT}/input/dim_order/3`]: 'variables',
    [`${PROPERTIES}/cube:variables`]: { red: { data_type: 'float64' }, nir: {} },
  };
  for (const [of, edits, ...bands] of [
    ['properties.bands', { [IN.properties]: stac }, 'nir uint16 nir08', 'red int16 -'],
    ["the asset's bands", { [IN.asset]: stac }, 'nir uint16 nir08', 'red int16 -'],
    ["the asset's eo:bands", { [EO.asset]: eo }, 'red float32 red', 'nir float32 -'],
    ["the asset's raster:bands", { [RASTER.asset]: raster }, 'red uint16 -', 'nir uint8 -'],
    ['both extensions', { [EO.properties]: eo, [RASTER.properties]: raster }, 'red uint16 red', 'nir uint8 -'],
    [
      'both, in another order',
      { [EO.asset]: eo, [RASTER.asset]: raster.toReversed() },
      'red uint16 red',
      'nir uint8 -',
    ],
    ['both, one with other names', { [EO.asset]: eo, [RASTER.asset]: renamed }, 'red uint16 red', 'nir uint8 -'],
    ['both, one without names', { [EO.asset]: eo, [RASTER.asset]: nameless }, 'red uint16 red', 'nir uint8 -'],
    [
      'the properties, if the asset only has other names',
      { [EO.asset]: others, [EO.properties]: eo },
      ...['red float32 red', 'nir float32 -'],
    ],
    [
      'the asset, if the properties only have other names',
      { [EO.properties]: others, [RASTER.asset]: raster },
      ...['red uint16 -', 'nir uint8 -'],
    ],
    ['bands with only common names', { [EO.asset]: commonNames }, 'nir float32 nir', 'red float32 red'],
    ['cube:variables', cube, 'red float64 -', 'nir float32 -'],
    ['no list, but the input names them', {}, 'red float32 -', 'nir float32 -'],
    ['no list, for a model of bytes', { [`${INPUT}/input/data_type`]: 'uint8' }, 'red uint8 -', 'nir uint8 -'],
  ] as [of: string, edits: Edits, ...bands: string[]][])
    test(`are those of ${of}`, async () => assert.deepEqual(await bandsOf(edits), bands));

  test('are all listed ones if an input does not name any', async () => {
    const { bands } = await packageOf({ [EO.asset]: eo, [`${INPUT}/bands`]: [] });
    assert.deepEqual(
      bands,
      ['red', 'nir'].map((name, source) => ({ name, source })),
    );
  });

  for (const [edits, says] of [
    [
      { [RASTER.asset]: [{ name: 'B04 - red', data_type: 'uint16' }] },
      'properties.mlm:input[0].bands[0]: found "red", allowed is one of assets.model.raster:bands (B04 - red)',
    ],
    [
      { [RASTER.asset]: [{ name: 'red', data_type: 'cint16' }] },
      'assets.model.raster:bands[0].data_type: found "cint16", allowed is "uint8"',
    ],
    [
      { [`${INPUT}/variables`]: ['t2m'] },
      'properties.mlm:input[0].variables: found ["t2m"], allowed is nothing beside bands',
    ],
  ] as [edits: Edits, says: string][])
    test(`are refused: ${says}`, () => isRefusedPackage(bandsOf(edits), says));

  test('have the scale and offset of stored values of the list that has them', async () => {
    const physical = { [`${PROPERTIES}/swath:physical`]: true };
    const { source } = await packageOf({ [EO.asset]: eo, [RASTER.asset]: raster, ...physical });
    const [red, nir] = source.bands;
    assert.partialDeepStrictEqual(red, { dataType: 'float32', physical: { scale: 0.0001, offset: 0 } });
    assert.partialDeepStrictEqual(nir, { dataType: 'float32', physical: { scale: 1, offset: 0 } });
  });
});

test('scale, offset and common name of bands may have the prefix of their extension or none', async () => {
  const [prefixed, plain] = await Promise.all(
    [
      { 'raster:scale': 0.5, 'raster:offset': -10, 'eo:common_name': 'green' },
      { scale: 0.5, offset: -10, common_name: 'green' },
    ].map(async (said) => {
      const bands = [{ name: 'red', data_type: 'uint16', ...said }, { name: 'nir' }];
      const { source } = await packageOf({ [`${PROPERTIES}/bands`]: bands, [`${PROPERTIES}/swath:physical`]: true });
      return source.bands;
    }),
  );
  assert.deepEqual(plain, prefixed);
  const physical = { scale: 0.5, offset: -10, stored: 'uint16' };
  assert.partialDeepStrictEqual(plain?.[0], { name: 'red', commonName: 'green', physical });
});

describe('resampling', () => {
  const methodsOf = async (how: unknown) => {
    const mask = { band: 'nir', values: [1], share: 0.2 };
    const more = { [`${PROPERTIES}/swath:mask`]: mask, [`${PROPERTIES}/swath:resampling`]: how };
    const { source } = await packageOf({ [`${PROPERTIES}/bands`]: stac, ...more });
    return source.bands.map(({ resampling }) => resampling);
  };
  for (const [how, methods] of [
    [undefined, [undefined, undefined]],
    ['average', [undefined, 'average']],
    [{ red: 'bilinear' }, [undefined, 'bilinear']],
  ] as const)
    test(`${JSON.stringify(how)} is of bands, and never of the mask`, async () => {
      assert.deepEqual(await methodsOf(how), methods);
    });
  test('of one band is not of another, even if that is called like what every object has', async () => {
    const bands = stac.map((band) => ({ ...band, name: band.name === 'nir' ? 'constructor' : 'red' }));
    const how = { [`${PROPERTIES}/swath:resampling`]: { red: 'bilinear' }, [`${INPUT}/bands`]: ['red', 'constructor'] };
    const { source } = await packageOf({ [`${PROPERTIES}/bands`]: bands, ...how });
    assert.deepEqual(
      source.bands.map(({ resampling }) => resampling),
      [undefined, 'bilinear'],
    );
  });
  for (const [how, says] of [
    ['cubic', 'properties.swath:resampling: found "cubic", allowed is "nearest", "bilinear", "average", or an object'],
    [{ red: 'cubic' }, 'properties.swath:resampling'],
    [{ blue: 'average' }, 'properties.swath:resampling.blue: found "average", allowed is a source band other than'],
    [{ nir: 'average' }, 'properties.swath:resampling.nir: found "average", allowed is a source band other than'],
  ] as const)
    test(`${JSON.stringify(how)} is refused`, () => isRefusedPackage(methodsOf(how), says));
});

const OLDER = 'This is an older release: name that one, and write value_scaling';

test('an item without a version is version 0', async () => {
  assert.equal((await editedPackage([[`${PROPERTIES}/version`, undefined]])).version, '0');
});

for (const [release, says] of [
  ['mlm/v1.3.0', OLDER],
  ['mlm-extension/v1.2.0', OLDER],
  ['mlm-extension/v1.4.0', OLDER],
  ['dlm/v1.0.0', OLDER],
  ['mlm/v1.7.0', 'This is a newer release: name that one'],
  ['mlm/v1.10.0', 'This is a newer release: name that one'],
  ['mlm/v2.0.0', 'This is a newer release: name that one'],
  ['mlm/v10.0.0', 'This is a newer release: name that one'],
  ['mlm/v1.5.2/schema', ''],
] as const)
  test(`an item of ${release} is refused with its address alone, and what to do`, async () => {
    const address = `https://stac-extensions.github.io/${release}/schema.json`;
    const addresses = ['https://stac-extensions.github.io/raster/v1.1.0/schema.json', address];
    await isRefusedPackage(
      editedPackage([['stac_extensions', addresses]]),
      `stac_extensions[1]: found "${address}", allowed is the schema of MLM 1.4 to 1.6`,
      says,
    );
  });

test('an item that names other extensions alone is refused with what it names', async () => {
  const addresses = ['https://stac-extensions.github.io/raster/v1.1.0/schema.json'];
  const found = `stac_extensions: found ${JSON.stringify(addresses)}, allowed is the schema of MLM 1.4 to 1.6, such as "https`;
  await isRefusedPackage(editedPackage([['stac_extensions', addresses]]), found);
});

test('an item that scales as MLM up to 1.3 did is refused, whatever release it names', async () => {
  const edits = [
    ['stac_extensions', ['https://stac-extensions.github.io/mlm/v1.4.0/schema.json']],
    [`${INPUT}/norm_type`, 'z-score'],
  ] as const;
  await isRefusedPackage(
    editedPackage(edits),
    'properties.mlm:input[0].norm_type: found "z-score", allowed is null: since MLM 1.4, value_scaling says it',
  );
});
