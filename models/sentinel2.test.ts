import '../core/inference/onnx/noTelemetry.ts';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Plane } from '../core/arrays/dataTypes.ts';
import { SCENE_LIMITS } from '../core/base/limits.ts';
import { openGeoTiff } from '../core/scenes/formats/geotiff/geotiff.ts';
import { makePartBuilder } from '../core/scenes/partBuilder.ts';
import { decodePart } from '../core/scenes/preparedPart.ts';
import { rangesIn } from '../core/scenes/rangesIn.ts';
import { makeReadChips } from '../core/scenes/readChips.ts';
import { readModelPackage } from '../core/tasks/readModelPackage.ts';
import { classifyPart } from '../functions/infer/classifyPart.ts';
import { openModel } from '../local/stack/openModel.ts';
import { encodeGeoTiff } from '../test/geoTiff.ts';

const SIDE = 256;
const BANDS = ['B02', 'B03', 'B04', 'B8A', 'B11', 'B12'];
const sample = (name: string) => readFileSync(new URL(`../samples/sentinel-2/${name}.tif`, import.meta.url));

/** What the steps make of a scene of one chip, the bundled one: its values, and the first plane of its map. */
async function mapsOf(name: string, bytes: Uint8Array = sample('s2-t29unu-60m-256')) {
  const folder = new URL(`${name}/1.0.0/`, import.meta.url);
  const model = await readModelPackage((file) => readFile(new URL(file, folder)));
  const part = makePartBuilder(model, 1);
  const chunks = (async function* () {
    yield new Uint8Array(bytes);
  })();
  const scene = { key: 's2.tif', size: bytes.length, chunks, range: rangesIn(bytes) };
  await makeReadChips(model, SCENE_LIMITS)(scene, part.add as () => undefined);
  const onnxBytes = readFileSync(new URL(model.artifact.file, folder));
  const inference = await openModel(model, onnxBytes);
  const maps: (readonly Plane[])[] = [];
  const prepared = decodePart(part.take());
  const values = await classifyPart(
    inference,
    prepared,
    async () => {},
    (_chip, _area, planes) => maps.push(planes),
  );
  return { model, values, onnxBytes, map: maps[0]![0]! };
}

/** A band of a bundled picture. */
async function bandOf(name: string, band: number, type: 'uint8' | 'uint16') {
  const bytes = sample(name);
  const source = { key: name, size: bytes.length, range: rangesIn(bytes) };
  const raster = await openGeoTiff(source, { maxBlockBytes: 1 << 24, cacheBytes: 0 });
  const values = type === 'uint8' ? new Uint8Array(SIDE * SIDE) : new Uint16Array(SIDE * SIDE);
  await raster.read({ x: 0, y: 0, width: SIDE, height: SIDE }, [band], [values]);
  return values;
}

/** What onnxruntime gives for the picture, or this part of it and 0 beyond, with the reflectance of these bands by the card's formula. */
async function bare(
  onnxBytes: Uint8Array,
  bands: readonly string[],
  { width, height } = { width: SIDE, height: SIDE },
) {
  const input = new Float32Array(bands.length * SIDE * SIDE);
  for (const [i, band] of bands.entries())
    (await bandOf('s2-t29unu-60m-256', BANDS.indexOf(band), 'uint16')).forEach((dn, pixel) => {
      const isIn = pixel % SIDE < width && pixel < height * SIDE;
      input[i * SIDE * SIDE + pixel] = isIn ? Math.min(Math.max((dn - 1000) / 10_000, 0), 2) : 0;
    });
  const session = await InferenceSession.create(onnxBytes);
  const { output } = await session.run({ input: new Tensor('float32', input, [1, bands.length, SIDE, SIDE]) });
  return output!.data as Float32Array;
}

test('s2-scl: each pixel is as onnxruntime has it, and as many are right as the card says', async () => {
  const { model, values, onnxBytes, map } = await mapsOf('s2-scl');
  const scores = await bare(onnxBytes, BANDS);
  const best = map.map((_, pixel) => {
    const of = [0, 1, 2, 3, 4, 5].map((place) => scores[place * SIDE * SIDE + pixel]!);
    return of.indexOf(Math.max(...of));
  });
  assert.deepEqual(Buffer.from(map as Uint8Array), Buffer.from(best as Uint8Array));

  /** The package's class of each of Sen2Cor's. */
  const classOf: Record<number, number> = { 3: 0, 4: 1, 5: 2, 6: 3, 7: 4, 8: 4, 9: 4, 10: 5 };
  const scl = await bandOf('s2-t29unu-60m-256-scl', 0, 'uint8');
  const right = Array.from(map).reduce((sum, value, pixel) => sum + (classOf[scl[pixel]!] === value ? 1 : 0), 0);
  assert.equal((right / map.length).toFixed(3), '0.682');
  const shares = model.classes.map(({ value }) => Number(values[`share_${value}`]![0]));
  assert.equal(
    shares.reduce((sum, share) => sum + share, 0),
    1,
  );
});

test('s2-b8a: each pixel is as onnxruntime has it, and the error is what the card says', async () => {
  const { onnxBytes, map, values } = await mapsOf('s2-b8a');
  const expected = await bare(onnxBytes, ['B02', 'B03', 'B04', 'B11', 'B12']);
  assert.ok(map.every((value, pixel) => Math.abs(value - expected[pixel]!) < 1e-6));
  const truth = Array.from(await bandOf('s2-t29unu-60m-256', BANDS.indexOf('B8A'), 'uint16'), (dn) =>
    Math.min(Math.max((dn - 1000) / 10_000, 0), 2),
  );
  const mean = truth.reduce((sum, value) => sum + value, 0) / truth.length;
  const [squares, spread, error] = truth.reduce<[number, number, number]>(
    ([a, b, c], value, pixel) => [
      a + (map[pixel]! - value) ** 2,
      b + (value - mean) ** 2,
      c + Math.abs(map[pixel]! - value),
    ],
    [0, 0, 0],
  );
  assert.deepEqual([(1 - squares / spread).toFixed(3), (error / truth.length).toFixed(3)], ['0.945', '0.034']);
  // numpy 2: the mean of onnxruntime's output for the picture
  assert.ok(Math.abs(Number(values['value']![0]) - 0.2533862823) < 1e-6);
});

for (const [width, height] of [
  [128, 128],
  [256, 120],
  [90, 256],
] as const)
  test(`s2-b8a: of ${width} × ${height} pixels, fewer than the model takes, each is as onnxruntime has it`, async () => {
    const whole = await Promise.all(BANDS.map((_, band) => bandOf('s2-t29unu-60m-256', band, 'uint16')));
    const isIn = (_: number, pixel: number) => pixel % SIDE < width && pixel < height * SIDE;
    const bands = whole.map((plane) => Uint16Array.from(plane).filter(isIn));
    const scene = encodeGeoTiff({ width, height, bands, descriptions: BANDS });
    const { onnxBytes, map, values } = await mapsOf('s2-b8a', scene);
    const expected = await bare(onnxBytes, ['B02', 'B03', 'B04', 'B11', 'B12'], { width, height });
    const wanted = expected.filter(isIn);
    assert.ok(map.length === wanted.length && map.every((value, pixel) => Math.abs(value - wanted[pixel]!) < 1e-6));
    const mean = wanted.reduce((sum, value) => sum + value, 0) / wanted.length;
    assert.ok(Math.abs(Number(values['value']![0]) - mean) < 1e-6);
  });

for (const name of ['s2-scl', 's2-b8a'])
  test(`${name}: the model file is the one that the item describes`, () => {
    const folder = new URL(`${name}/1.0.0/`, import.meta.url);
    const bytes = readFileSync(new URL('model.onnx', folder));
    const { model } = JSON.parse(readFileSync(new URL('item.json', folder), 'utf8')).assets;
    assert.equal(model['file:size'], bytes.length);
    assert.equal(model['file:checksum'], `1220${createHash('sha256').update(bytes).digest('hex')}`);
  });
