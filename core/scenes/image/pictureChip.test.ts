import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encode } from 'fast-png';
import { editedPackage, INPUT, smallModel } from '../../../test/benches/packages.ts';
import { encodeGeoTiff } from '../../../test/geoTiff.ts';
import type { DataType } from '../../arrays/dataTypes.ts';
import type { ResizeType } from '../../arrays/resize.ts';
import { MOST_SCENE_LIMITS } from '../../base/limits.ts';
import type { ModelPackage } from '../../package/package.ts';
import { imageChip } from './imageChip.ts';
import vectors from './pictureChip.vectors.json' with { type: 'json' };

type Bands = readonly (readonly [name: string, common?: string])[];

const GREY: Bands = [['grey']];
const RGB: Bands = [
  ['R', 'red'],
  ['G', 'green'],
  ['B', 'blue'],
];

type More = { type?: DataType; resize?: ResizeType; to?: readonly [height: number, width: number] };

/** A model of such bands; with a resize, from the size of an image to another. */
function modelOf(bands: Bands, height: number, width: number, { type = 'uint8', resize, to }: More = {}) {
  const items = bands.map(([name, common]) => ({ name, data_type: type, ...(common && { 'eo:common_name': common }) }));
  const ownSize = to && [['properties/swath:source_shape', [height, width]] as const];
  return editedPackage([
    ...smallModel(items, to ?? [height, width]),
    ['properties/swath:picture', true],
    ...(resize ? [[`${INPUT}/resize_type`, resize] as const] : []),
    ...(ownSize ?? []),
  ]);
}

const bytesIn = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));
const read = (file: Uint8Array, model: ModelPackage, mostBytes = MOST_SCENE_LIMITS.maxRecordBytes) =>
  imageChip(
    { where: 'inputs[0].image', bytes: file, within: 'a request' },
    { index: 0, kind: 'index' },
    model,
    mostBytes,
  );

/** A PNG of a slope, with as many channels, and all of it opaque. */
function png(width: number, height: number, channels = 1): Uint8Array {
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) =>
    channels % 2 === 0 && i % channels === channels - 1 ? 255 : i,
  );
  return encode({ width, height, channels, data });
}

describe('an image is converted as by Pillow, with a warning', () => {
  for (const { what, image, mode, width, height, values, warnings } of vectors)
    test(what, async () => {
      const model = await modelOf(mode === 'L' ? GREY : RGB, height, width);
      const chip = await read(bytesIn(image), model);
      const planes = bytesIn(values);
      const pixels = width * height;
      assert.deepEqual(
        chip.planes,
        model.source.bands.map((_, band) => planes.slice(band * pixels, (band + 1) * pixels)),
      );
      assert.deepEqual(chip.warnings ?? [], warnings);
      assert.equal(chip.nodataShare, 0);
    });

  test('colours of 16 bits, for a 16-bit band', async () => {
    const data = Uint16Array.of(65535, 65535, 65535, 65535, 0, 0, 0, 40000, 1);
    const file = encode({ width: 3, height: 1, channels: 3, depth: 16, data });
    const { planes, warnings } = await read(file, await modelOf(GREY, 1, 3, { type: 'uint16' }));
    // 0.299, 0.587 and 0.114 in 65536ths
    assert.deepEqual(planes, [Uint16Array.of(65535, 19595, 23480)]);
    assert.deepEqual(warnings, ['Its colours were converted to grey (luma of ITU-R 601-2).']);
    const narrow = await read(file, await modelOf(GREY, 1, 3));
    assert.deepEqual(narrow.planes, [Uint8Array.of(255, 76, 92)]); // of 255, 0 and 156 as the upper bits of each colour
    assert.deepEqual(narrow.warnings, [
      'Its 16 bits were reduced to the upper 8.',
      'Its colours were converted to grey (luma of ITU-R 601-2).',
    ]);
  });

  test('colours in the order of the bands that show them', async () => {
    const { image, values } = vectors.find(({ what }) => what === 'a palette for red, green and blue')!;
    const { planes } = await read(bytesIn(image), await modelOf([...RGB].reverse(), 16, 16));
    assert.deepEqual(planes[2], bytesIn(values).slice(0, 256));
  });
});

describe('an image is not converted', () => {
  test('if the package takes neither one nor three bands', async () => {
    await assert.rejects(
      read(png(16, 16, 3), await modelOf(RGB.slice(0, 2), 16, 16)),
      /found 3 bands, allowed are the bands/,
    );
  });

  test('if its bands have descriptions', async () => {
    const [red, other] = [Uint8Array.of(1, 2), Uint8Array.of(7, 7)];
    const tif = encodeGeoTiff({ width: 2, height: 1, bands: [other, red], descriptions: ['x', 'grey'] });
    const chip = await read(tif, await modelOf(GREY, 1, 2));
    assert.deepEqual([chip.planes, chip.warnings], [[red], undefined]);
  });

  test('if its values use few of the bits of its type', async () => {
    const tif = encodeGeoTiff({ width: 2, height: 1, bands: [Uint8Array.of(0, 1)] });
    const chip = await read(tif, await modelOf(GREY, 1, 2));
    assert.deepEqual([chip.planes, chip.warnings], [[Uint8Array.of(0, 1)], undefined]);
  });
});

describe('an image of another size is resized', () => {
  for (const [what, [width, height], [toWidth, toHeight], more, says] of [
    ['by the package’s own rule', [32, 32], [8, 8], { resize: 'interpolation-nearest', to: [4, 4] }, 'nearest'],
    ['by another rule if its own is a crop', [32, 32], [8, 8], { resize: 'crop', to: [4, 4] }, 'area'],
    ['to a rounded side', [65, 33], [33, 17], {}, 'area'],
    ['from a rounded side', [21, 11], [65, 33], {}, 'linear'],
    ['enlarged to eight times', [4, 4], [28, 28], {}, 'linear'],
  ] as const)
    test(what, async () => {
      const chip = await read(png(width, height), await modelOf(GREY, toHeight, toWidth, more));
      assert.equal(chip.planes[0]!.length, toWidth * toHeight);
      assert.deepEqual(chip.warnings, [
        `It was resized from ${width} × ${height} to ${toWidth} × ${toHeight} (interpolation-${says}).`,
      ]);
    });

  test('and distorted to another shape, with nodata ignored and with warnings', async () => {
    const bands = [Uint8Array.from({ length: 56 * 28 }, (_, i) => i % 256)];
    const chip = await read(encodeGeoTiff({ width: 56, height: 28, bands, nodata: 0 }), await modelOf(GREY, 28, 28));
    assert.equal(chip.nodataShare, 0);
    assert.deepEqual(chip.warnings, [
      'Its nodata value was ignored.',
      'It was resized from 56 × 28 to 28 × 28 (interpolation-area), which distorts it: it has another shape.',
    ]);
  });

  test('within the range of its type, even if the kernel overshoots', async () => {
    const data = Uint8Array.from({ length: 64 }, (_, i) => (i % 8 < 4 ? 0 : 255));
    const file = encode({ width: 8, height: 8, channels: 1, data });
    const model = await modelOf(GREY, 16, 16, { resize: 'interpolation-cubic', to: [8, 8] });
    const [plane] = (await read(file, model)).planes;
    const row = Array.from(plane!.subarray(0, 16));
    assert.deepEqual([row[6], row[9], row[0], row[15]], [0, 255, 0, 255]);
    assert.ok(row[7]! > 0 && row[8]! < 255);
  });

  test('without rounding for floats', async () => {
    const bands = [Float32Array.of(0.5, 1, 1, 1)];
    const model = await modelOf(GREY, 1, 1, { type: 'float32' });
    const { planes } = await read(encodeGeoTiff({ width: 2, height: 2, bands }), model);
    assert.deepEqual(planes, [Float32Array.of(0.875)]);
  });
});

describe('an image is refused with what is allowed', async () => {
  const model = await modelOf(GREY, 28, 28);
  const allowed = 'allowed are 28 × 28, or another size from 4 × 4 on, which is resized';
  for (const [file, says] of [
    [png(3, 3), `found 3 × 3 pixels, ${allowed}`],
    [png(1, 1), `found 1 × 1 pixels, ${allowed}`],
    [png(28, 28).subarray(0, 50), 'is cut short'],
    [new Uint8Array(), 'found a file that starts with “”'],
  ] as const)
    test(says, async () => {
      await assert.rejects(read(file, model), ({ name, message }: Error) => {
        assert.equal(name, 'InvalidSceneFile');
        assert.ok(message.startsWith(`inputs[0].image: ${says}`), message);
        return true;
      });
    });

  test('larger than the limit when decoded, however small the file is', async () => {
    const file = encodeGeoTiff({ width: 280, height: 280, bands: [new Uint8Array(280 * 280)], rowsPerStrip: 28 });
    assert.match((await read(file, model, 280 * 280)).warnings![0]!, /^It was resized/);
    await assert.rejects(
      read(file, model, 280 * 280 - 1),
      /found 280 × 280 pixels, 78400 bytes as they are decoded, allowed are at most 78399 \(the parameter maxRecordBytes\)/,
    );
  });
});
