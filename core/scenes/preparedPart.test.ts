import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { bytesPerValue, type DataType, dataTypes, makePlane, planeOver, rangeOf } from '../arrays/dataTypes.ts';
import { decodePart, encodePart, type PreparedPart } from './preparedPart.ts';

test('a part is read as it was written, whatever its bands are', () => {
  fc.assert(
    fc.property(parts(), (part) => {
      assert.deepEqual(decodePart(encodePart(part)), part);
    }),
    { numRuns: 300 },
  );
});

for (const dataType of dataTypes)
  test(`a band of ${dataType} keeps its type and its extremes`, () => {
    const { low, high } = rangeOf(dataType);
    const values = makePlane(dataType, 4);
    values.set(dataType.startsWith('float') ? [low, high, NaN, -0] : [low, high, 0, 1]);
    const [band] = decodePart(encodePart(partOf(2, [{ name: 'B1', dataType, values }]))).bands;
    assert.deepEqual(band, { name: 'B1', dataType, values });
  });

test('a truth may be absent, in any chip or in all', () => {
  for (const truth of [
    [null],
    [null, 3, null],
    [0, -1, 2 ** 31 - 1],
    Array(17).fill(null),
    [...Array(16).fill(1), null],
  ])
    assert.deepEqual(decodePart(encodePart({ ...partOf(truth.length), truth })).truth, truth);
  const some = tableFromIPC(encodePart({ ...partOf(3), truth: [null, 3, null] }));
  assert.equal(some.getChild('truth')?.nullCount, 2);
});

test('a record with a very large offset keeps its place', () => {
  const part = { ...partOf(1), offset: BigInt64Array.of(2n ** 53n + 1n), index: Int32Array.of(2 ** 31 - 1) };
  assert.deepEqual(decodePart(encodePart(part)), part);
});

test('a band may have the name of any column', () => {
  const bands = ['index', 'truth', 'band:index', ''].map((name, i) => band(name, i));
  assert.deepEqual(decodePart(encodePart(partOf(1, bands))).bands, bands);
});

test('a part can be read at any byte offset, without a copy if it is aligned', () => {
  const part = partOf(2, [{ name: 'B1', dataType: 'float64', values: Float64Array.of(1, 2, 3, 4) }]);
  const bytes = encodePart(part);
  assert.equal(decodePart(bytes).bands[0]?.values.buffer, bytes.buffer);
  const moved = new Uint8Array(bytes.length + 1);
  moved.set(bytes, 1);
  assert.deepEqual(decodePart(moved.subarray(1)), part);
});

test('later changes to the arrays of a part do not affect its file', () => {
  const part = partOf(1, [band('B1', 7)]);
  const bytes = encodePart(part);
  part.bands[0]?.values.fill(9);
  part.index.fill(9);
  assert.deepEqual(decodePart(bytes), partOf(1, [band('B1', 7)]));
});

test('any Arrow library can read the file with its own schema', () => {
  const part = partOf(2, [{ name: 'B1', dataType: 'uint16', values: Uint16Array.of(1, 2, 3, 4) }]);
  const { schema, numRows } = tableFromIPC(encodePart(part));
  assert.equal(numRows, 2);
  assert.deepEqual(
    schema.fields.map(({ name, type, nullable }) => `${name}: ${type}${nullable ? ' or null' : ''}`),
    ['index: Int32', 'offset: Int64', 'length: Int32', 'truth: Int32 or null', 'band:B1: FixedSizeList[2]<Uint16>'],
  );
  const [value] = schema.fields[4]!.type.children;
  assert.deepEqual([value.name, value.nullable], ['value', false]);
});

test('bytes that are no part are refused', () => {
  assert.throws(() => decodePart(new Uint8Array()));
  assert.throws(() => decodePart(new TextEncoder().encode('ARROW1\0\0 but nothing more of it')));
});

function partOf(chips: number, bands: PreparedPart['bands'] = []): PreparedPart {
  const places = Array.from({ length: chips }, (_, i) => i);
  return {
    chips,
    index: Int32Array.from(places),
    offset: BigInt64Array.from(places, (i) => BigInt(i) * 100n),
    length: new Int32Array(chips).fill(100),
    truth: places,
    bands,
  };
}

function band(name: string, value: number): PreparedPart['bands'][number] {
  return { name, dataType: 'uint8', values: Uint8Array.of(value, value + 1) };
}

/** Parts of 1 to 20 chips and up to four bands of 1 to 9 values a chip, filled with any bytes. */
function parts(): fc.Arbitrary<PreparedPart> {
  const of = (type: DataType, values: number) =>
    fc
      .uint8Array({ minLength: values * bytesPerValue(type), maxLength: values * bytesPerValue(type) })
      .map((bytes) => planeOver(type, bytes));
  return fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 9 })).chain(([chips, values]) => {
    const oneBand = fc
      .constantFrom(...dataTypes)
      .chain((dataType) =>
        fc.record(
          { name: fc.string(), dataType: fc.constant(dataType), values: of(dataType, chips * values) },
          { noNullPrototype: true },
        ),
      );
    return fc.record(
      {
        chips: fc.constant(chips),
        index: fc.int32Array({ minLength: chips, maxLength: chips }),
        offset: fc.bigInt64Array({ minLength: chips, maxLength: chips }),
        length: fc.int32Array({ minLength: chips, maxLength: chips }),
        truth: fc.array(fc.option(fc.integer()), { minLength: chips, maxLength: chips }),
        bands: fc.uniqueArray(oneBand, { maxLength: 4, selector: ({ name }) => name }),
      },
      { noNullPrototype: true },
    );
  });
}
