import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isRefused } from '../../../../test/benches/sceneFiles.ts';
import { readSmallModel } from '../../../../test/benches/scenes.ts';
import { mixersOf } from './exportNames.ts';
import { readMixer } from './format.ts';

/** Of chips of 2 × 2 pixels. */
const model = await readSmallModel();

/** As the guide of Earth Engine shows it, with small patches. */
const MIXER = {
  projection: { crs: 'EPSG:32629', affine: { doubleMatrix: [10, 0, 500_000, 0, -10, 5_900_000] } },
  patchDimensions: [2, 2],
  patchesPerRow: 3,
  totalPatches: 12,
};

async function read(mixer: unknown, key = 'exports/T29_00000.tfrecord.gz') {
  const asked: string[] = [];
  const text = typeof mixer === 'string' ? mixer : JSON.stringify(mixer);
  const patches = await readMixer(
    key,
    async (name) => {
      asked.push(name);
      return name === mixersOf(key).at(-1) ? new TextEncoder().encode(text) : null;
    },
    model,
  );
  return { asked, patches: patches! };
}

describe('the companion of', () => {
  for (const [key, ...names] of [
    ['a/T29_00000.tfrecord.gz', 'a/T29_mixer.json'],
    ['T29-00012.tfrecord', 'T29-mixer.json'],
    ['00000.tfrecord.gz', 'mixer.json'],
    ['T29.tfrecord.gz', 'T29-mixer.json', 'T29mixer.json'],
    ['T29/part-r-00012'],
    ['T29.tfrecord.gz.b/x'],
  ])
    test(`${key} is looked up by ${names.length === 0 ? 'no name' : names.join(', then ')}`, () => {
      assert.deepEqual(mixersOf(key!), names);
    });
});

test('a file without a mixer.json has no location', async () => {
  assert.equal(await readMixer('T29.tfrecord.gz', async () => null, model), null);
});

test('patches lie row by row, from the top left', async () => {
  const { patches } = await read(MIXER);
  const placed = [0, 2, 3, 11].map((index) => patches.windowAt!(index));
  const windows = placed.map(({ x, y, width, height }) => `${x},${y}: ${width} × ${height}`);
  assert.deepEqual(windows, ['0,0: 2 × 2', '4,0: 2 × 2', '0,2: 2 × 2', '4,6: 2 × 2']);
  const { outline, ...info } = patches.info;
  assert.equal(outline?.bbox.length, 4);
  assert.deepEqual(info, {
    width: 6,
    height: 8,
    bandsBy: 'name',
    crs: 'EPSG:32629',
    bounds: [500_000, 5_899_920, 500_060, 5_900_000],
    transform: [500_000, 10, 0, 5_900_000, 0, -10],
  });
});

test('the footprint of a patch equals that of PROJ', async () => {
  const { patches } = await read(MIXER);
  const { footprint } = patches.windowAt!(2);
  // rasterio 1.4.4: rasterio.warp.transform('EPSG:32629', 'OGC:CRS84', …) of its four corners
  const expected = [
    -8.99940050857733, 53.24926690408997, -8.99940051109024, 53.24908712305493, -8.999100766635394, 53.24908712117094,
    -8.999100762866028, 53.249266902205974,
  ];
  assert.ok(footprint!.every((value, i) => Math.abs(value - expected[i]!) < 1e-9));
});

test('patches can be placed in longitude and latitude', async () => {
  const projection = { crs: 'EPSG:4326', affine: { doubleMatrix: [0.25, 0, 10, 0, -0.5, 50] } };
  const { patches } = await read({ ...MIXER, projection });
  const expected = [10.5, 49, 10.5, 48, 11, 48, 11, 49];
  assert.ok(patches.windowAt!(4).footprint!.every((value, i) => Math.abs(value - expected[i]!) < 1e-9));
});

const projection = { ...MIXER.projection, crs: 'SR-ORG:6974' };
for (const [what, edit, number, missing] of [
  ['a file that is not the first of its export', {}, 1, /numbered on from those of the files before it/],
  ['patches with a margin', { patchDimensions: [1, 2] }, 0, /mixer.json says patches of 2 × 1: they overlap/],
  [
    'an image beyond all limits',
    { patchDimensions: [1e5, 1e5] },
    0,
    /400000 × 300000 pixels, and at most 17179869184 /,
  ],
  ['an unknown coordinate reference system', { projection }, 0, /\(“SR-ORG:6974”\) is not known/],
] as const)
  test(`${what}: its chips have no place on earth, and the run says why`, async () => {
    const { patches } = await read({ ...MIXER, ...edit }, `exports/T29_0000${number}.tfrecord.gz`);
    assert.equal(patches.info.crs, null);
    assert.match(patches.info.crsMissing!, missing);
    if ('projection' in edit) assert.equal(patches.windowAt!(0).footprint, null);
    else assert.equal(patches.windowAt, null);
  });

describe('an invalid mixer.json is refused:', () => {
  for (const [what, mixer] of Object.entries({
    'no JSON': '{',
    'another JSON': '[]',
    'without patches': { ...MIXER, totalPatches: undefined },
    'no patch in a row': { ...MIXER, patchesPerRow: 0 },
    'a matrix of five numbers': {
      ...MIXER,
      projection: { crs: 'EPSG:4326', affine: { doubleMatrix: [1, 2, 3, 4, 5] } },
    },
  }))
    test(what, () =>
      isRefused(() => read(mixer), /T29_00000.tfrecord.gz: T29_mixer.json beside it: is not as Earth Engine writes it/),
    );
});
