import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import type { PreparedPart } from '../scenes/preparedPart.ts';
import { makePredictions } from './predictionFile.ts';

// The order of the package is the order of the columns; the values say nothing about it.
const classes = [
  { value: 30, name: 'three' },
  { value: -1, name: 'none' },
  { value: 4, name: 'four' },
];
const digest = '0123456789abcdef'.repeat(4);

describe('a prediction', () => {
  for (const { what, row, label } of [
    { what: 'the class of the highest probability', row: [0.25, 0.5, 0.25], label: -1 },
    { what: 'the first of equals', row: [0.25, 0.375, 0.375], label: -1 },
    { what: 'the first of all, where all are equal', row: [0, 0, 0], label: 30 },
    { what: 'the highest of negative outputs', row: [-3, -2, -1], label: 4 },
    { what: 'missing with a NaN', row: [0.5, NaN, 0.5], label: null },
    { what: 'missing with a NaN in front', row: [NaN, 0.5, 0.5], label: null },
    { what: 'missing with an infinity', row: [0, Infinity, 0], label: null },
    { what: 'missing with a negative infinity', row: [0.5, 0.5, -Infinity], label: null },
  ])
    test(`is ${what}`, async () => {
      const predictions = makePredictions(classes, 1);
      predictions.add(0, row);
      const [written] = await readBack(predictions.toParquet(digest, partOf(1)));
      const winner = classes.findIndex(({ value }) => value === label);
      const isMissing = label === null;
      const numbers = isMissing ? [null, null, null] : row;
      assert.deepEqual(written, {
        chip_id: '0123456789abcdef-0',
        index: 0,
        offset: 0n,
        length: 100,
        label,
        class: classes[winner]?.name ?? null,
        probability: numbers[winner] ?? null,
        p_30: numbers[0],
        'p_-1': numbers[1],
        p_4: numbers[2],
        ...{ truth: null, digest },
      });
      assert.deepEqual(
        predictions.counts,
        classes.map(({ value }) => (value === label ? 1 : 0)),
      );
      assert.equal(predictions.missing(), isMissing ? 1 : 0);
      assert.equal(predictions.probabilitySum(), isMissing ? 0 : row[winner]);
    });

  test('is what the slow obvious way finds, in batches of any size', () => {
    const output = fc.constantFrom(0, 0.125, 0.25, 0.5, 1, NaN, Infinity);
    const rows = fc.array(fc.tuple(output, output, output), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 7 }), (rows, batch) => {
        const predictions = makePredictions(classes, rows.length);
        for (let first = 0; first < rows.length; first += batch)
          predictions.add(first, Float32Array.from(rows.slice(first, first + batch).flat()));
        const whole = rows.filter((row) => row.every(Number.isFinite));
        const highest = whole.map((row) => Math.max(...row));
        assert.deepEqual(
          predictions.counts,
          classes.map((_, i) => whole.filter((row, chip) => row.indexOf(highest[chip]!) === i).length),
        );
        assert.equal(predictions.missing(), rows.length - whole.length);
        assert.equal(
          predictions.probabilitySum(),
          highest.reduce((sum, one) => sum + one, 0),
        );
      }),
    );
  });
});

describe('the Parquet file', () => {
  const part: PreparedPart = {
    ...partOf(3),
    index: Int32Array.of(0, 2, 2 ** 31 - 1),
    offset: BigInt64Array.of(0n, 93_486n, 2n ** 53n + 1n),
    truth: [4, null, -1],
  };
  const predictions = makePredictions(classes, 3);
  predictions.add(0, [0.5, 0.25, 0.25, NaN, 0, 0, 0.1, 0.2, 0.7]);
  const bytes = predictions.toParquet(digest, part);
  const { schema, row_groups: groups, num_rows: rows } = parquetMetadata(bytes.slice().buffer);

  test('has a type for each column, and allows nulls where there may be some', () => {
    assert.deepEqual(
      schema.slice(1).map(({ name, type, converted_type: text, repetition_type }) => {
        return `${name} ${text ?? type} ${repetition_type}`;
      }),
      [
        'chip_id UTF8 REQUIRED',
        'index INT32 REQUIRED',
        'offset INT64 REQUIRED',
        'length INT32 REQUIRED',
        'label INT32 OPTIONAL',
        'class UTF8 OPTIONAL',
        'probability FLOAT OPTIONAL',
        'p_30 FLOAT OPTIONAL',
        'p_-1 FLOAT OPTIONAL',
        'p_4 FLOAT OPTIONAL',
        'truth INT32 OPTIONAL',
        'digest UTF8 OPTIONAL',
      ],
    );
  });

  test('is compressed, and tells what is in its columns without reading them', () => {
    assert.deepEqual([Number(rows), groups.length], [3, 1]);
    const columns = groups[0]!.columns.map(({ meta_data: about }) => about!);
    for (const { codec } of columns) assert.equal(codec, 'SNAPPY');
    const statisticsOf = (name: string) => columns.find((one) => one.path_in_schema[0] === name)?.statistics;
    const rangeOf = (name: string) => {
      const { min_value: low, max_value: high, null_count: nulls } = statisticsOf(name) ?? {};
      return [low, high, Number(nulls)];
    };
    assert.deepEqual(rangeOf('index'), [0, 2 ** 31 - 1, 0]);
    assert.deepEqual(rangeOf('offset'), [0n, 2n ** 53n + 1n, 0]);
    assert.deepEqual(rangeOf('label'), [4, 30, 1]);
    assert.deepEqual(rangeOf('p_30'), [Math.fround(0.1), 0.5, 1]);
    assert.deepEqual(rangeOf('truth'), [-1, 4, 1]);
  });

  test('has a row for each chip, in the order of the scene file', async () => {
    const written = await readBack(bytes);
    assert.deepEqual(
      written.map(({ chip_id, index, offset, label, truth, digest }) => ({
        chip_id,
        index,
        offset,
        label,
        truth,
        digest,
      })),
      [
        { chip_id: '0123456789abcdef-0', index: 0, offset: 0n, label: 30, truth: 4, digest },
        { chip_id: '0123456789abcdef-2', index: 2, offset: 93_486n, label: null, truth: null, digest },
        {
          chip_id: `0123456789abcdef-${2 ** 31 - 1}`,
          index: 2 ** 31 - 1,
          offset: 2n ** 53n + 1n,
          ...{ label: 4, truth: -1, digest },
        },
      ],
    );
  });

  test('may be all nulls where a column has nothing else', async () => {
    const nothing = makePredictions(classes, 2);
    nothing.add(0, [NaN, NaN, NaN, NaN, NaN, NaN]);
    const written = await readBack(nothing.toParquet(digest, partOf(2)));
    assert.deepEqual(
      written.map(({ label, p_4, truth }) => [label, p_4, truth]),
      [
        [null, null, null],
        [null, null, null],
      ],
    );
  });
});

function partOf(chips: number): PreparedPart {
  const places = Array.from({ length: chips }, (_, i) => i);
  return {
    chips,
    index: Int32Array.from(places),
    offset: BigInt64Array.from(places, (i) => BigInt(100 * i)),
    length: new Int32Array(chips).fill(100),
    truth: places.map(() => null),
    bands: [],
  };
}

function readBack(bytes: Uint8Array): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({ file: bytes.slice().buffer });
}
