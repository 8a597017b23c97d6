import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { type Edit, editedPackage, PROPERTIES, smallModel } from '../../../test/benches/packages.ts';
import { rowModel } from '../../../test/benches/rowModel.ts';
import { isRefused, readAgain, readScene } from '../../../test/benches/sceneFiles.ts';
import { encodeGeoTiff } from '../../../test/geoTiff.ts';
import { encodeNpy, encodeNpz } from '../../../test/numpy.ts';
import { encodeExample, encodeTfRecord, type FeatureToEncode } from '../../../test/tfrecord.ts';
import type { InlineInput } from '../../doors/requests/input.ts';
import { makeReadInput } from '../../doors/requests/inputChip.ts';
import type { Chip } from '../../package/package.ts';
import { csv } from './csv/format.ts';
import type { Format } from './format.ts';
import { jsonLines } from './jsonLines/format.ts';
import { numpy } from './numpy/format.ts';
import { parquet } from './parquet/format.ts';
import { geotiff } from './pictures.ts';
import { tfrecord } from './tfrecord/format.ts';

const PHYSICAL: Edit = [`${PROPERTIES}/swath:physical`, true];
const SCALED: Edit[] = [
  PHYSICAL,
  [`${PROPERTIES}/bands/0/raster:scale`, 0.0001],
  [`${PROPERTIES}/bands/0/raster:offset`, -0.1],
  [`${PROPERTIES}/bands/1/raster:scale`, 0.5],
];
const modelOf = (...edits: Edit[]) => {
  const bands = ['A', 'B'].map((name) => ({ name, data_type: 'uint16' }));
  return editedPackage([...smallModel(bands, [1, 2]), ...edits]);
};
const ofChips = await modelOf(...SCALED);
const ofRows = await rowModel('uint16', ...SCALED);
const unscaled = await modelOf(PHYSICAL);

const A = Uint16Array.of(5000, 1);
const B = Uint16Array.of(7, 65_535);
// numpy 2.4: (a * 0.0001 - 0.1).astype('f4') and (b * 0.5).astype('f4') of the float64 values of a and b
const MEANT = [Float32Array.of(0.4000000059604645, -0.09989999979734421), Float32Array.of(3.5, 32_767.5)];

const bytesOf = (...arrays: { buffer: ArrayBufferLike }[]) =>
  new Uint8Array(Buffer.concat(arrays.map(({ buffer }) => new Uint8Array(buffer))));
const arrayOf = (descr: string, ...arrays: { buffer: ArrayBufferLike }[]) =>
  encodeNpy({ descr, shape: [1, 2, 1, 2], data: bytesOf(...arrays) });
const record = (a: FeatureToEncode, b: FeatureToEncode) =>
  encodeTfRecord(
    encodeExample([
      ['A', a],
      ['B', b],
    ]),
  );
const bytes = (array: Uint16Array): FeatureToEncode => ({ kind: 'bytes', values: [bytesOf(array)] });
const list = (array: Uint16Array): FeatureToEncode => ({ kind: 'float', values: array });
const base64 = (array: { buffer: ArrayBufferLike }) => Buffer.from(bytesOf(array)).toString('base64');
const lines = (...all: string[]) => new TextEncoder().encode(`${all.join('\n')}\n`);
const column = (name: string, data: Uint16Array) => ({ name, data: [...data], type: 'INT32' as const });

async function read(format: Format, file: Uint8Array, model = ofChips): Promise<readonly Chip[]> {
  const { chips } = await readScene(format, file, model);
  for (const chip of chips) assert.deepEqual(await readAgain(format, file, chip.place, model), chip);
  return chips;
}
const readInput = (input: object, model = ofChips) =>
  makeReadInput(model, 1e6)({ id: null, ...input } as InlineInput, 'inputs[0]', 0);

describe('physical values are those of the scale and offset of the package:', () => {
  for (const [what, format, file] of [
    ['a raster', geotiff, encodeGeoTiff({ width: 2, height: 1, bands: [A, B] })],
    ['an array', numpy, arrayOf('<u2', A, B)],
    ['an array of 64-bit integers', numpy, arrayOf('<i8', BigInt64Array.of(5000n, 1n, 7n, 65_535n))],
    ['an archive of arrays', numpy, encodeNpz({ chips: arrayOf('<u2', A, B) })],
    ['bytes in a record', tfrecord, record(bytes(A), bytes(B))],
    ['lists in a record', tfrecord, record(list(A), list(B))],
  ] as const)
    test(what, async () => {
      const [{ planes } = assert.fail()] = await read(format, file);
      assert.deepEqual(planes, MEANT);
    });

  for (const [format, file] of [
    [csv, lines('A,B', '5000,7', '1,65535')],
    [jsonLines, lines('{"A":5000,"B":7}', '{"A":1,"B":65535}')],
    [parquet, new Uint8Array(parquetWriteBuffer({ columnData: [column('A', A), column('B', B)] }))],
  ] as const)
    test(`rows of ${format.name}`, async () => {
      const chips = await read(format, file, ofRows);
      for (const [row, { planes } = assert.fail()] of chips.entries())
        assert.deepEqual(
          planes,
          MEANT.map((plane) => plane.slice(row, row + 1)),
        );
      assert.equal(chips.length, 2);
    });

  for (const input of [
    { kind: 'values', values: [[[...A]], [[...B]]] },
    { kind: 'bands', bands: { A: base64(A), B: base64(B) } },
  ])
    test(`the ${input.kind} of a request`, async () => assert.deepEqual((await readInput(input)).planes, MEANT));
});

describe('values that are not of the type in which a band is stored are refused, rather than scaled again:', () => {
  const meant = bytesOf(...MEANT);
  for (const [what, reading, says] of [
    [
      'an array',
      () => read(numpy, arrayOf('<f4', ...MEANT)),
      'found values of float32, allowed is uint16 for the band A',
    ],
    [
      'a record',
      () => read(tfrecord, record({ kind: 'bytes', values: [meant.subarray(0, 8)] }, bytes(B))),
      'band A: found 8 bytes, allowed are 4 (1 × 2 uint16)',
    ],
    ['a row', () => read(csv, lines('A,B', '0.4,7'), ofRows), 'column A: found “0.4”, allowed is a value of uint16'],
    [
      'a request',
      () => readInput({ kind: 'values', values: [[[0.4, 1]], [[7, 7]]] }),
      'band A: found 0.4 for pixel 0, allowed is a value of uint16',
    ],
  ] as const)
    test(what, () => isRefused(reading, says));
});

test('of a package without a scale, values are as the file has them', async () => {
  const file = arrayOf('<f4', ...MEANT);
  assert.deepEqual((await read(numpy, file, unscaled))[0]!.planes, MEANT);
  assert.deepEqual(
    (await read(numpy, arrayOf('<u2', A, B), unscaled))[0]!.planes,
    [A, B].map((of) => Float32Array.from(of)),
  );
});
