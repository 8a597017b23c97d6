import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Edit, editedPackage, PROPERTIES, smallModel } from '../../../test/benches/packages.ts';
import { readAgain, readScene, streamOf } from '../../../test/benches/sceneFiles.ts';
import { encodeGeoTiff } from '../../../test/geoTiff.ts';
import { makeTiff } from '../../../test/tiff.ts';
import { SCENE_LIMITS } from '../../base/limits.ts';
import { openGeoTiff } from '../formats/geotiff/geotiff.ts';
import { geotiff } from '../formats/pictures.ts';
import { makeReadChips } from '../readChips.ts';
import { rasterFormat } from './rasterFormat.ts';
import type { RasterInfo } from './rasterInfo.ts';

/** A model of chips of so many pixels, of two bands. */
const modelOf = (side: number, type = 'uint16', edits: readonly Edit[] = []) => {
  const bands = ['A', 'B'].map((name) => ({ name, data_type: type }));
  return editedPackage([...smallModel(bands, [side, side]), ...edits]);
};

const value = (band: number, x: number, y: number) => 1 + 1000 * band + 40 * y + x;

function picture(width: number, height: number) {
  return [0, 1].map((band) =>
    Uint16Array.from({ length: width * height }, (_, i) => value(band, i % width, Math.floor(i / width))),
  );
}

/** The chips of a file, what it says of itself, and what was asked for besides. */
async function read(file: Uint8Array, model: Awaited<ReturnType<typeof modelOf>>, format = geotiff) {
  const told: RasterInfo[] = [];
  const tell = (raster: RasterInfo) => void told.push(raster);
  return { ...(await readScene(format, file, model, { key: 'a.tif', size: 512, tell })), info: told[0] };
}

const formatOf = (open: Parameters<typeof rasterFormat>[2]) => rasterFormat('a test', () => 'yes', open);

describe('a raster', () => {
  test('is cut into chips of the size that the model takes, from the top left, the last ones shifted inwards', async () => {
    const file = encodeGeoTiff({ width: 10, height: 7, bands: picture(10, 7) });
    const { chips } = await read(file, await modelOf(4));
    const places = chips.map(({ place }) => place.kind === 'window' && `${place.index}: ${place.x},${place.y}`);
    assert.deepEqual(places, ['0: 0,0', '1: 4,0', '2: 6,0', '3: 0,3', '4: 4,3', '5: 6,3']);
    for (const { place, planes } of chips)
      for (const [band, plane] of planes.entries()) {
        assert.ok(place.kind === 'window' && plane instanceof Uint16Array);
        const valueAt = (i: number) => value(band, place.x + (i % 4), place.y + Math.floor(i / 4));
        assert.ok(plane.length === 16 && plane.every((one, i) => one === valueAt(i)));
      }
  });

  for (const [what, own, said, expected] of [
    ['the value of the package where it states none', undefined, 1001, { nodataShare: 1 / 4, nodataOf: [1, 1001] }],
    ['its own value before that of the package', 9, 1001, { nodataShare: 0, nodataOf: [9, 9] }],
    ['that of the package where all bands hold it', undefined, 1, { nodataShare: 1 / 4, nodataOf: [1, 1] }],
    ['no value where the package states one that its type cannot hold', undefined, -1, { nodataOf: [1, null] }],
  ] as const)
    test(`has as nodata ${what}`, async () => {
      const bands = said === 1 ? [Uint16Array.of(1, 2, 1, 4), Uint16Array.of(1, 1, 7, 8)] : picture(2, 2);
      const file = encodeGeoTiff({ width: 2, height: 2, bands, ...(own && { nodata: own }) });
      const edits: Edit[] = [1, said].map((nodata, i) => [`${PROPERTIES}/bands/${i}/nodata`, nodata]);
      const { chips } = await read(file, await modelOf(2, 'uint16', edits));
      assert.partialDeepStrictEqual(chips[0], expected);
    });

  test('has only its own NODATA_VALUES and nodata value where it states both, whatever the package states', async () => {
    const bands = [Uint16Array.of(7, 0, 7, 4), Uint16Array.of(8, 0, 1, 4)];
    const metadata = '<Item name="NODATA_VALUES">7 8</Item>';
    const file = encodeGeoTiff({ width: 2, height: 2, bands, nodata: 0, metadata });
    const edits: Edit[] = [0, 1].map((i) => [`${PROPERTIES}/bands/${i}/nodata`, 4]);
    const { chips } = await read(file, await modelOf(2, 'uint16', edits));
    assert.partialDeepStrictEqual(chips[0], { nodataShare: 1 / 4, nodataOf: [0, 0] });
  });

  test('has no nodata of the package beside its own mask', async () => {
    const bands = [Uint16Array.of(1, 2, 1, 4), Uint16Array.of(1, 1, 7, 8)];
    const format = formatOf(async (...about) => ({ ...(await openGeoTiff(...about)), hasMask: true }));
    const edits: Edit[] = [0, 1].map((i) => [`${PROPERTIES}/bands/${i}/nodata`, 1]);
    const { chips } = await read(
      encodeGeoTiff({ width: 2, height: 2, bands }),
      await modelOf(2, 'uint16', edits),
      format,
    );
    assert.partialDeepStrictEqual(chips[0], { nodataShare: 0, nodataOf: [null, null] });
  });

  test('that is smaller than a chip is padded with nodata, or else with 0', async () => {
    for (const nodata of [undefined, 9]) {
      const file = encodeGeoTiff({ width: 3, height: 2, bands: picture(3, 2), ...(nodata && { nodata }) });
      const { chips } = await read(file, await modelOf(4));
      const [{ planes, nodataShare, place } = assert.fail()] = chips;
      const pad = nodata ?? 0;
      assert.deepEqual([...planes[0]!], [1, 2, 3, pad, 41, 42, 43, pad, ...new Array(8).fill(pad)]);
      assert.equal(nodataShare, 0);
      assert.partialDeepStrictEqual(place, { width: 3, height: 2 });
      const compared = await read(file, { ...(await modelOf(4)), profile: [] });
      assert.deepEqual([...compared.chips[0]!.valid!], [1, 1, 1, 0, 1, 1, 1, 0, ...new Array(8).fill(0)]);
    }
  });

  test('is described with its size, its location, and how its bands were matched', async () => {
    const of = { width: 4, height: 4, bands: picture(4, 4) };
    const placed = { epsg: 32629, origin: [500_000, 5_800_000], pixel: 10, descriptions: ['B', 'A'] } as const;
    const { info, chips } = await read(encodeGeoTiff({ ...of, ...placed }), await modelOf(4));
    const { outline, ...about } = info!;
    assert.deepEqual(about, {
      width: 4,
      height: 4,
      bandsBy: 'description',
      crs: 'EPSG:32629',
      bounds: [500_000, 5_799_960, 500_040, 5_800_000],
      transform: [500_000, 10, 0, 5_800_000, 0, -10],
    });
    assert.deepEqual(outline?.bbox, [-9, 52.3499337, -8.9994127, 52.3502933]);
    assert.equal(chips[0]!.planes[0]![0], value(1, 0, 0));
    const unplaced = await read(encodeGeoTiff(of), await modelOf(4));
    assert.partialDeepStrictEqual(unplaced.info, { bandsBy: 'position', crs: null, bounds: null });
    assert.match(unplaced.info!.crsMissing!, /does not say where/);
    assert.partialDeepStrictEqual(unplaced.chips[0]!.place, { footprint: null });
    assert.equal(unplaced.chips[0]!.warnings, undefined);
    const renamed = await read(encodeGeoTiff({ ...of, descriptions: ['C', 'D'] }), await modelOf(4));
    assert.match(renamed.chips[0]!.warnings![0]!, /^Its bands were taken by position/);
  });

  test('has chips that can be read again by index, unchanged', async () => {
    const file = encodeGeoTiff({ width: 10, height: 7, bands: picture(10, 7) });
    const model = await modelOf(4);
    const { chips } = await read(file, model);
    for (const chip of chips) assert.deepEqual(await readAgain(geotiff, file, chip.place.index, model), chip);
    await assert.rejects(readAgain(geotiff, file, 6, model), /has no chip 6, found are 6/);
  });

  test('of another type is read if no value can be lost', async () => {
    const file = encodeGeoTiff({ width: 4, height: 4, bands: picture(4, 4) });
    const { chips } = await read(file, await modelOf(4, 'float32'));
    assert.ok(chips[0]!.planes.every((plane) => plane instanceof Float32Array));
    await assert.rejects(read(file, await modelOf(4, 'uint8')), {
      name: 'InvalidSceneFile',
      message: /^a\.tif: found values of uint16, allowed is uint8 for the band A/,
    });
  });
});

test('a chip has the value of each band that is no data, as its planes hold it', async () => {
  const physical: Edit[] = [
    [`${PROPERTIES}/swath:physical`, true],
    [`${PROPERTIES}/bands/1/raster:scale`, 0.1],
  ];
  for (const [nodata, edits, expected] of [
    [9, [], [9, 9]],
    [undefined, [], [null, null]],
    [9, physical, [9, Math.fround(9 * 0.1)]],
  ] as const) {
    const file = encodeGeoTiff({ width: 4, height: 4, bands: picture(4, 4), ...(nodata && { nodata }) });
    const { chips } = await read(file, await modelOf(4, 'uint16', edits));
    assert.deepEqual(chips[0]!.nodataOf, expected);
  }
});

describe('the scale and offset of a raster', () => {
  const physical = [`${PROPERTIES}/swath:physical`, true] as Edit;
  const scaled = (scale: number, offset: number): Edit[] =>
    [0, 1].flatMap((band): Edit[] => [
      [`${PROPERTIES}/bands/${band}/raster:scale`, scale],
      [`${PROPERTIES}/bands/${band}/raster:offset`, offset],
    ]);
  const file = encodeGeoTiff({ width: 3, height: 4, bands: picture(3, 4), nodata: 2 });

  test('is that of the package if it wants physical values, computed in float64 and rounded once', async () => {
    const { chips } = await read(file, await modelOf(4, 'uint16', [physical, ...scaled(0.0001, -0.1)]));
    const meant = (stored: number) => Math.fround(stored * 0.0001 - 0.1);
    const row = (y: number) => [0, 1, 2].map((x) => meant(value(1, x, y)));
    const nothing = meant(2);
    assert.deepEqual(chips[0]!.planes[1], Float32Array.of(...[0, 1, 2, 3].flatMap((y) => [...row(y), nothing])));
    assert.equal(chips[0]!.nodataShare, 0);
  });

  test('is ignored if the package does not want physical values', async () => {
    const { chips } = await read(file, await modelOf(4, 'uint16', scaled(0.0001, -0.1)));
    assert.equal(chips[0]!.planes[1]![0], value(1, 0, 0));
  });

  test('is that of the raster where it has one, before that of the package', async () => {
    const open: typeof openGeoTiff = async (source, limits) => {
      const raster = await openGeoTiff(source, limits);
      return { ...raster, bands: raster.bands.map((band) => ({ ...band, scale: 0.5, offset: null })) };
    };
    const model = await modelOf(4, 'uint16', [physical, ...scaled(7, 7)]);
    const { chips } = await read(file, model, formatOf(open));
    assert.equal(chips[0]!.planes[1]![0], value(1, 0, 0) * 0.5 + 7);
  });
});

describe('chips without data', () => {
  const bands = [0, 1].map(() => Uint16Array.from({ length: 64 }, (_, i) => (i % 8 < 2 || i >= 32 ? 9 : 5)));
  const file = encodeGeoTiff({ width: 8, height: 8, bands, nodata: 9 });

  test('have their share of nodata pixels', async () => {
    const { chips } = await read(file, await modelOf(4));
    assert.equal(chips.map(({ nodataShare }) => nodataShare).join(), '0.5,0,1,1');
  });

  for (const { share, blank } of [
    { share: undefined, blank: 2 },
    { share: 0.49, blank: 3 },
    { share: 1, blank: 0 },
  ])
    test(`are blank if that share is above ${share ?? 'half'}: ${blank}`, async () => {
      const edits: Edit[] = share === undefined ? [] : [[`${PROPERTIES}/swath:nodata_share`, share]];
      const model = await modelOf(4, 'uint16', edits);
      const { raster, measured } = await makeReadChips(model, SCENE_LIMITS)(streamOf(file).scene, () => undefined);
      assert.deepEqual([measured, raster?.width], [{ chips: 4, blank }, 8]);
    });
});

describe('a band that is tagged as alpha', () => {
  const side = 20;
  /** Red, green, blue and a band tagged as alpha, as GDAL writes four bands of uint8. */
  const tagged = (fourth: (i: number) => number) => {
    const pixels = Uint8Array.from({ length: 4 * side * side }, (_, i) =>
      i % 4 === 3 ? fourth(Math.floor(i / 4)) : 50 + (i % 150),
    );
    const size = { ImageWidth: [side], ImageLength: [side], BitsPerSample: [8, 8, 8, 8], SamplesPerPixel: [4] };
    const directory = { ...size, PhotometricInterpretation: [2], ExtraSamples: [2] };
    return makeTiff({ directories: [directory], blocks: [pixels] });
  };
  const half = (side * side) / 2;
  const infrared = (i: number) => (i < half ? 0 : 40 + (i % 180));
  const mask = (i: number) => (i < half ? 0 : 255);
  const soft = (i: number) => (i >= half && i < half + 10 ? 77 : mask(i));

  for (const [what, fourth, names, nodataShare] of [
    ['is data where the package asks for it', infrared, 'RGBN', 0],
    ['is data if its values are like infrared over water, even if the package does not have it', infrared, 'RGB', 0],
    ['is a mask if its values are 0 and 255', mask, 'RGB', 0.5],
    ['is a mask if few values are in between, at a soft edge', soft, 'RGB', 0.5],
    ['is data if the package has such a band, even if its values are 0 and 255', mask, 'RGBN', 0],
    ['is a mask that excludes nothing if it is 255 everywhere', () => 255, 'RGB', 0],
  ] as const)
    test(what, async () => {
      const bands = [...names].map((name) => ({ name, data_type: 'uint8' }));
      const { chips, info } = await read(tagged(fourth), await editedPackage(smallModel(bands, [side, side])));
      const [{ planes, nodataShare: share } = assert.fail()] = chips;
      assert.deepEqual([info!.bandsBy, share], ['position', nodataShare]);
      if (names === 'RGBN') assert.ok(planes[3]!.every((one, i) => one === fourth(i)));
    });
});

describe('the bytes of a raster', () => {
  const [width, height] = [64, 256];
  const file = encodeGeoTiff({ width, height, bands: picture(width, height), rowsPerStrip: 8 });

  test('come once, from the stream, except for its description, if its blocks are in order', async () => {
    const { requests, streamed, chips } = await read(file, await modelOf(16));
    assert.deepEqual([streamed, chips.length], [file.length, 64]);
    const asked = requests.reduce((sum, [, length]) => sum + length, 0);
    assert.ok(requests.length <= 2 && asked <= 0.1 * file.length + 32_768, `${requests.length} for ${asked} bytes`);
  });

  test('are still streamed to the end if its blocks are read in another order', async () => {
    const format = formatOf(async (...about) => ({ ...(await openGeoTiff(...about)), isSequential: false }));
    const { streamed, chips } = await read(file, await modelOf(16), format);
    assert.deepEqual([streamed, chips.length], [file.length, 64]);
  });
});
