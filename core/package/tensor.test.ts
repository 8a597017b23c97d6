import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type Edit,
  editedPackage,
  INPUT,
  PROPERTIES,
  readBaselineFile,
  readFrom,
  smallModel,
} from '../../test/benches/packages.ts';
import { indicesPackage } from '../../test/models/buildIndices.ts';
import { bytesOf, sampleChips } from '../../test/models/sampleChips.ts';
import { type DataType, dataTypes, makePlane, type Plane } from '../arrays/dataTypes.ts';
import { readModelPackage } from '../tasks/readModelPackage.ts';
import { makeBandSelector, makeSourceReader, preparedBands } from './bands.ts';
import type { ModelPackage } from './package.ts';
import { makeTensor, makeTensorFiller, tensorShape } from './tensor.ts';

/** The first record of the bundled shard as a tensor of one chip. */
function firstChip(model: ModelPackage): Plane {
  const { height, width } = model.tensor;
  const planes = preparedBands(model).map(({ dataType }) => makePlane(dataType, height * width));
  const bytes = bytesOf(sampleChips()[0]!, model.source.bands);
  makeBandSelector(model)(
    makeSourceReader(model)(bytes, () => 'record 0'),
    planes,
  );
  const tensor = makeTensor(model.inputs[0]!, 1);
  makeTensorFiller(model, model.inputs[0]!)(planes, tensor, 0);
  return tensor as Plane;
}

const sha256 = ({ buffer, byteOffset, byteLength }: Plane) =>
  createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex');

/**
 * numpy 2.4.6 on the first record of samples/droughtwatch/part-r-00012, each band as uint8 of 65 × 65; the middle is
 * [32, 32]. Digests are of the whole tensor's bytes, so that all 65 × 65 pixels are equal to the last bit.
 */
const MIDDLE = 32 * 65 + 32;

test('four raw bands, channels last, divided by 255', async () => {
  // numpy.stack([B2, B3, B4, B5], -1).astype(float32) / float32(255)
  const tensor = firstChip(await readModelPackage(readBaselineFile));
  const middle = [0.10588235408067703, 0.11372549086809158, 0.125490203499794, 0.33725491166114807];
  assert.deepEqual([...tensor.subarray(MIDDLE * 4, MIDDLE * 4 + 4)], middle);
  assert.equal(sha256(tensor), 'c206915cddfd8cea3dda0a29eee20c0618dee3160ba2bf4e1f7e03fbfaa2dde6');
});

test('the same bands, channels first, by a z-score', async () => {
  const model = await editedPackage([
    [`${INPUT}/input/dim_order`, ['batch', 'bands', 'height', 'width']],
    [`${INPUT}/input/shape`, [-1, 4, 65, 65]],
    [`${INPUT}/value_scaling`, [{ type: 'z-score', mean: 100, stddev: 50 }]],
  ]);
  // numpy.stack([(b.astype(float64) - 100) / 50 for b in (B2, B3, B4, B5)], 0).astype(float32)
  const tensor = firstChip(model);
  const middle = [0, 1, 2, 3].map((band) => tensor[band * 65 * 65 + MIDDLE]);
  assert.deepEqual(middle, [-1.4600000381469727, -1.4199999570846558, -1.3600000143051147, -0.2800000011920929]);
  assert.equal(sha256(tensor), 'a03f6e969419798fc28afa245b5244c24749d1235967c70f94563fb39fa7ea1f');
});

for (const { evi, digest } of [
  { evi: false, digest: 'c2e3f819c3c98417298eba89fb3c1c52ffedef3af9771551157100c10c80e5cc' },
  { evi: true, digest: '2c54e56ac78b8dff404ac99bbc36a6fab1a514a123c70c9e96508e93166baa12' },
])
  test(`NDVI and NDMI${evi ? ' and EVI' : ''}, derived from source values`, async () => {
    const tensor = firstChip(await readModelPackage(readFrom(indicesPackage({ evi }))));
    // In float64, then astype(float32): NDVI (B5-B4)/(B4+B5+0.0000255), NDMI (B5-B6)/(B5+B6+0.0000255),
    // EVI 2.5*(B5-B4)/(B5+6*B4-7.5*B2+255)
    const middle = [0.4576270282268524, -0.01149425096809864, 0.4084720015525818].slice(0, evi ? 3 : 2);
    const start = MIDDLE * middle.length;
    assert.deepEqual([...tensor.subarray(start, start + middle.length)], middle);
    assert.equal(sha256(tensor), digest);
  });

test('each chip goes to its own place, each band under its own scaling', async () => {
  const bands = [
    { name: 'A', data_type: 'uint8' },
    { name: 'B', data_type: 'int16' },
  ];
  const model = await editedPackage([
    ...smallModel(bands, [1, 2]),
    [
      `${INPUT}/value_scaling`,
      [
        { type: 'scale', value: 10 },
        { type: 'clip-min', minimum: 0 },
      ],
    ],
  ]);
  const tensor = makeTensor(model.inputs[0]!, 3);
  const fill = makeTensorFiller(model, model.inputs[0]!);
  fill([Uint8Array.of(1, 2), Int16Array.of(-7, 7)], tensor, 2);
  fill([Uint8Array.of(3, 4), Int16Array.of(-8, 8)], tensor, 0);
  assert.deepEqual(tensor, Float32Array.of(0.3, 0.4, 0, 8, 0, 0, 0, 0, 0.1, 0.2, 0, 7));
});

describe('values are rounded once, after their scaling', () => {
  const SECONDS = [1_764_000_030, 1_764_000_060, 1_763_999_940, 1_764_000_090];
  const scaling: Edit = [`${INPUT}/value_scaling`, [{ type: 'z-score', mean: 1_764_000_000, stddev: 60 }]];
  const tensorOf = ({ model, plane }: { model: ModelPackage; plane: Plane }) => {
    const { height, width } = model.tensor;
    const planes = preparedBands(model).map(({ dataType }) => makePlane(dataType, height * width));
    makeBandSelector(model)([plane], planes);
    const tensor = makeTensor(model.inputs[0]!, 1);
    makeTensorFiller(model, model.inputs[0]!)(planes, tensor, 0);
    return [...tensor];
  };

  for (const type of ['int32', 'uint32', 'float64'] as const) {
    const t = { name: 't', data_type: type };
    const plane = makePlane(type, 4);
    plane.set(SECONDS);

    // numpy 2.4, t as float64: ((np.maximum(t, 0) - 1764000000) / 60).astype('f4')
    test(`of a derived band of ${type}`, async () => {
      const derived = { name: 'd', format: 'swath', expression: 'max(t, 0)' };
      const model = await editedPackage([...smallModel([t], [2, 2], [derived]), scaling]);
      assert.deepEqual(tensorOf({ model, plane }), [0.5, 1, -1, 1.5]);
    });

    // numpy 2.4, t as float64: ((t.reshape(2, 2).mean(1) - 1764000000) / 60).astype('f4')
    test(`of an interpolated band of ${type}`, async () => {
      const shape: Edit = [`${PROPERTIES}/swath:source_shape`, [2, 2]];
      const resize: Edit = [`${INPUT}/resize_type`, 'interpolation-linear'];
      const model = await editedPackage([...smallModel([t], [2, 1]), scaling, shape, resize]);
      assert.deepEqual(tensorOf({ model, plane }), [0.75, 0.25]);
    });
  }

  // numpy 2.4: np.array([1, 2, 10, 255], 'u1') / np.float64(3)
  test('of a derived band for an input of float64', async () => {
    const third = { name: 'third', format: 'swath', expression: 't / 3' };
    const edits = smallModel([{ name: 't', data_type: 'uint8' }], [2, 2], [third]);
    const model = await editedPackage([...edits, [`${INPUT}/input/data_type`, 'float64']]);
    const found = tensorOf({ model, plane: Uint8Array.of(1, 2, 10, 255) });
    assert.deepEqual(found, [0.3333333333333333, 0.6666666666666666, 3.3333333333333335, 85]);
  });
});

/** (DN - 1000) / 10000 within 0 and 2, as Sentinel-2's reflectances are read since baseline 04.00. */
const REFLECTANCE = { type: 'processing', format: 'gdal-calc', expression: 'clip((A - 1000) / 10000, 0, 2)' };

for (const type of ['uint8', 'uint16', 'int16', 'float32'] as const)
  for (const dimensions of [
    ['batch', 'bands', 'height', 'width'],
    ['batch', 'width', 'height', 'bands'],
  ])
    test(`an expression scales ${type} as numpy would, into ${dimensions.join(', ')}`, async () => {
      const bands = ['A', 'B'].map((name) => ({ name, data_type: type }));
      const expressions = [
        'clip((A - 1000) / 10000, 0, 2)',
        'clip((B - 1000) / 10000, 0, 2)',
        'clip((x - 1000) / 10000, 0, 2)',
      ];
      for (const [i, expression] of expressions.entries()) {
        const model = await editedPackage(
          [
            ...smallModel(bands, [2, 3], undefined, dimensions),
            [
              `${INPUT}/value_scaling`,
              i === 1 ? [REFLECTANCE, { ...REFLECTANCE, expression }] : [{ ...REFLECTANCE, expression }],
            ],
          ].map(([path, value]) => [path, value] as Edit),
        );
        // ((dn.astype(float64) - 1000) / 10000).clip(0, 2).astype(float32): rounded once
        const values = type === 'uint8' ? [0, 1, 100, 200, 254, 255] : [0, 999, 1001, 7654, 21000, 32767];
        const plane = makePlane(type, 6);
        plane.set(values);
        const tensor = makeTensor(model.inputs[0]!, 1);
        makeTensorFiller(model, model.inputs[0]!)([plane, plane], tensor, 0);
        const { height, width } = model.tensor;
        const shape = tensorShape(model.inputs[0]!, 1);
        for (const [band] of bands.entries())
          for (const [pixel, value] of values.entries()) {
            const places = { batch: 0, bands: band, height: Math.floor(pixel / width), width: pixel % width };
            const at = model.tensor.dimensions.reduce((index, name, axis) => index * shape[axis]! + places[name], 0);
            assert.equal(
              tensor[at],
              Math.fround(Math.min(Math.max((value - 1000) / 10000, 0), 2)),
              `${height} ${expression} ${value}`,
            );
          }
      }
    });

test('a row of numbers is scaled feature by feature', async () => {
  const bands = ['A', 'B', 'C'].map((name) => ({ name, data_type: 'float32' }));
  const model = await editedPackage([
    ...smallModel(bands, [1, 1]),
    [`${INPUT}/input`, { shape: [-1, 3], dim_order: ['batch', 'feature'], data_type: 'float32' }],
    [
      `${INPUT}/value_scaling`,
      [{ type: 'scale', value: 2 }, { type: null }, { type: 'processing', format: 'swath', expression: 'C * C' }],
    ],
  ]);
  const tensor = makeTensor(model.inputs[0]!, 2);
  const fill = makeTensorFiller(model, model.inputs[0]!);
  fill([Float32Array.of(8), Float32Array.of(9), Float32Array.of(10)], tensor, 1);
  fill([Float32Array.of(1), Float32Array.of(2), Float32Array.of(3)], tensor, 0);
  assert.deepEqual(tensor, Float32Array.of(0.5, 2, 9, 4, 9, 100));
});

for (const [type, expected] of [
  ['uint8', [0, 2, 255, 0]],
  ['int8', [-3, 2, 127, 0]],
  ['int32', [-3, 2, 1000, 0]],
] as const)
  test(`a tensor of ${type} truncates values and clamps them to its range`, async () => {
    const model = await editedPackage([
      ...smallModel([{ name: 'A', data_type: 'float32' }], [1, 4]),
      [`${INPUT}/input/data_type`, type],
    ]);
    const tensor = makeTensor(model.inputs[0]!, 1);
    makeTensorFiller(model, model.inputs[0]!)([Float32Array.of(-3.7, 2.9, 1000, NaN)], tensor, 0);
    assert.deepEqual([...tensor], expected);
  });

test('every layout and type gives the same values as a naive implementation by dimension names', async () => {
  const rest = fc.shuffledSubarray(['bands', 'height', 'width'], { minLength: 3 });
  const size = fc.integer({ min: 1, max: 4 });
  const type = fc.constantFrom<DataType>(...dataTypes);
  await fc.assert(
    fc.asyncProperty(
      rest,
      size,
      size,
      size,
      type,
      type,
      fc.infiniteStream(fc.nat(100)),
      async (order, bands, height, width, from, to, values) => {
        const names = Array.from({ length: bands }, (_, i) => ({ name: `band${i}`, data_type: from }));
        const model = await editedPackage([
          ...smallModel(names, [height, width], undefined, ['batch', ...order]),
          [`${INPUT}/input/data_type`, to],
          [`${INPUT}/value_scaling`, [{ type: 'offset', value: 1 }]],
        ]);
        const chips = [0, 1].map(() =>
          names.map(() => {
            const plane = makePlane(from, height * width);
            for (let i = 0; i < plane.length; i++) plane[i] = 1 + values.next().value!;
            return plane;
          }),
        );
        const tensor = makeTensor(model.inputs[0]!, 2);
        for (const [chip, planes] of chips.entries()) makeTensorFiller(model, model.inputs[0]!)(planes, tensor, chip);

        const shape = tensorShape(model.inputs[0]!, 2);
        assert.equal(tensor.length, 2 * bands * height * width);
        for (const [chip, planes] of chips.entries())
          for (const [band, plane] of planes.entries())
            for (const [pixel, value] of plane.entries()) {
              const places = { batch: chip, bands: band, height: Math.floor(pixel / width), width: pixel % width };
              const at = model.tensor.dimensions.reduce((index, name, i) => index * shape[i]! + places[name], 0);
              assert.equal(tensor[at], value - 1);
            }
      },
    ),
  );
});
