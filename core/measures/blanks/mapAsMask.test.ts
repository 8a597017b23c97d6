import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { editedPackage, PROPERTIES, smallModel } from '../../../test/benches/packages.ts';
import { encodeGeoTiff } from '../../../test/geoTiff.ts';
import { InvalidSceneFile } from '../../base/errors.ts';
import { SCENE_LIMITS } from '../../base/limits.ts';
import { windowOf } from '../../package/package.ts';
import { openGeoTiff } from '../../scenes/formats/geotiff/geotiff.ts';
import { inOneChunk, rangesIn } from '../../scenes/rangesIn.ts';
import { makeReadChips } from '../../scenes/readChips.ts';
import { isLeftOut } from './blanks.ts';

const [SIDE, NONE, CLOUD] = [12, 255, 4];
const [LEFT, TOP] = [500_000, 5_800_000];
type Place = { epsg?: number; origin?: readonly [number, number]; pixel?: number };
const PLACE: Place = { epsg: 32_629, origin: [LEFT, TOP], pixel: 10 };

const small = [
  ...smallModel([{ name: 'A', data_type: 'uint8' }], [4, 4]),
  [`${PROPERTIES}/swath:blank_max`, null],
] as const;
const mask = { model: 'clouds', classes: ['cloud'], share: 0.25 };
const packaged = await editedPackage([...small, [`${PROPERTIES}/swath:mask`, mask]]);
const model = { ...packaged, mask: { ...packaged.mask!, values: [CLOUD] } };

const values = (side: number, of: (x: number, y: number) => number) =>
  Uint8Array.from({ length: side ** 2 }, (_, i) => of(i % side, Math.floor(i / side)));

/** The chips of a scene of 12 × 12 pixels, each with the share that a map hides. */
async function read(map: { side: number; of: (x: number, y: number) => number; place: Place }, place = PLACE) {
  const file = encodeGeoTiff({ width: SIDE, height: SIDE, bands: [values(SIDE, () => 1)], ...place });
  const { side, of, place: at } = map;
  const bytes = encodeGeoTiff({ width: side, height: side, bands: [values(side, of)], nodata: NONE, ...at });
  const source = { key: 'map', size: bytes.length, range: rangesIn(bytes) };
  const raster = await openGeoTiff(source, { maxBlockBytes: 1 << 20, cacheBytes: 0 });
  const scene = { key: 'a.tif', size: file.length, chunks: inOneChunk(file), range: rangesIn(file) };
  const shares: (number | null | undefined)[] = [];
  let leftOut = 0;
  const { measured } = await makeReadChips(model, SCENE_LIMITS)({ ...scene, mask: { key: 'map', raster } }, (chip) => {
    assert.ok(windowOf(chip.place));
    shares.push(chip.masked);
    leftOut += Number(isLeftOut(chip, model));
  });
  assert.equal(measured.masked ?? 0, leftOut);
  return shares;
}

const cloudOver = (share: (i: number) => number) => Array.from({ length: 9 }, (_, i) => share(i));
const leftHalf = (x: number) => (x < 6 ? CLOUD : 1);

describe('a map whose pixels hide those of a scene', () => {
  for (const [what, map, shares] of [
    ['has the grid of the scene', { side: 12, of: leftHalf, place: PLACE }, cloudOver((i) => [1, 0.5, 0][i % 3]!)],
    [
      'has larger pixels',
      { side: 6, of: (x: number) => (x < 3 ? CLOUD : 1), place: { ...PLACE, pixel: 20 } },
      cloudOver((i) => [1, 0.5, 0][i % 3]!),
    ],
    [
      'has smaller ones',
      { side: 24, of: (x: number) => (x < 12 ? CLOUD : 1), place: { ...PLACE, pixel: 5 } },
      cloudOver((i) => [1, 0.5, 0][i % 3]!),
    ],
    [
      'lies further right by part of a pixel, and hides nothing where it ends',
      { side: 12, of: leftHalf, place: { ...PLACE, origin: [LEFT + 24, TOP] as const } },
      cloudOver((i) => [0.5, 1, 0][i % 3]!),
    ],
    ['has no data', { side: 12, of: () => NONE, place: PLACE }, cloudOver(() => 0)],
    ['is of other classes', { side: 12, of: () => 3, place: PLACE }, cloudOver(() => 0)],
  ] as const)
    test(what, async () => assert.deepEqual(await read(map), shares));

  test('has the grid of a scene that does not say where it lies', async () => {
    assert.deepEqual(
      await read({ side: 12, of: leftHalf, place: {} }, {}),
      cloudOver((i) => [1, 0.5, 0][i % 3]!),
    );
  });

  test('is refused elsewhere, with both places', async () => {
    const elsewhere = { side: 12, of: leftHalf, place: { ...PLACE, origin: [LEFT + 9000, TOP] as const } };
    await assert.rejects(read(elsewhere), (error: Error) => {
      assert.ok(error instanceof InvalidSceneFile);
      return /^a\.tif: found map of 12 × 12 .* does not overlap a\.tif of 12 × 12/.test(error.message);
    });
  });
});
