import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { modelOf, partOf, predict } from '../../test/benches/predictions.ts';
import { columnTypes } from '../../test/predictions.ts';
import { isReserved, joined } from '../package/carry.ts';
import { decodePredictions } from './decodePredictions.ts';
import { encodePredictions, encodeShadowPredictions } from './encodePredictions.ts';
import { decodeGeometry } from './geometry.ts';
import { columnsOf } from './predictionColumns.ts';

// The order of the package is the order of the columns; the values say nothing about it.
const model = modelOf(Object.entries({ three: 30, none: -1, four: 4 }).map(([name, value]) => ({ value, name })));
const columns = columnsOf(model);
const digest = '0123456789abcdef'.repeat(4);
const acquired = { at: '1972-08-23T01:30:57.500Z', by: 'key' } as const;
const origin = { run: 'a'.repeat(32), digest, scene: 'north/a "scene" é.tfrecord', acquired };
const part = partOf(3, {
  index: Int32Array.of(0, 2, 2 ** 31 - 1),
  offset: BigInt64Array.of(0n, 93_486n, 2n ** 53n + 1n),
  truth: [4, null, -1],
});
const rows = [
  [0.5, 0.25, 0.25],
  [NaN, 0, 0],
  [0.125, 0.25, 0.625],
];
const { predictions, bytes } = predict(model, rows, origin, part);

const WINDOW = ['x', 'y', 'width', 'height', 'geometry', 'hectares'];

describe('the Parquet file', () => {
  const metadata = metadataOf(bytes);
  const { row_groups: groups, num_rows: count, key_value_metadata: about } = metadata;

  test('has a type for each column, and allows nulls only in optional ones', () => {
    const required = [
      'chip_id UTF8',
      'index INT32',
      'offset INT64',
      'length INT32',
      'digest UTF8',
      'scene UTF8',
      'run UTF8',
    ];
    const [found, where] = [columnTypes(metadata), ['x INT32', 'y INT32', 'width INT32', 'height INT32']];
    const outputs = ['label INT32', 'class UTF8', 'probability FLOAT', 'p_30 FLOAT', 'p_minus_1 FLOAT', 'p_4 FLOAT'];
    const last = [
      'acquired TIMESTAMP_MILLIS',
      ...where,
      'geometry BYTE_ARRAY',
      'hectares DOUBLE',
      'member UTF8',
      'request_id UTF8',
    ];
    const all = [...required.slice(0, 4), ...outputs, 'truth INT32', ...required.slice(4), ...last];
    assert.deepEqual(
      found,
      all.map((one) => `${one} ${required.includes(one) ? 'REQUIRED' : 'OPTIONAL'}`),
    );
  });

  test('names its format, the model version of its predictions, and the column of footprints', () => {
    const [geo, ...ours] = about ?? [];
    assert.equal(geo?.key, 'geo');
    assert.partialDeepStrictEqual(JSON.parse(geo.value!), { version: '1.1.0', primary_column: 'geometry' });
    const texts = ours.map(({ key, value }) => `${key} ${value}`);
    assert.deepEqual(texts, ['swath:format 1', 'swath:model model', 'swath:version 1.0.0']);
  });

  test('is compressed, and has statistics for its columns', () => {
    assert.deepEqual([Number(count), groups.length], [3, 1]);
    const chunks = groups[0]!.columns.map(({ meta_data }) => meta_data!);
    for (const { codec } of chunks) assert.equal(codec, 'SNAPPY');
    const statisticsOf = (name: string) => chunks.find((one) => one.path_in_schema[0] === name)?.statistics;
    const rangeOf = (name: string) => {
      const { min_value: low, max_value: high, null_count: nulls } = statisticsOf(name) ?? {};
      return [low, high, Number(nulls)];
    };
    assert.deepEqual(rangeOf('index'), [0, 2 ** 31 - 1, 0]);
    assert.deepEqual(rangeOf('offset'), [0n, 2n ** 53n + 1n, 0]);
    assert.deepEqual(rangeOf('label'), [4, 30, 1]);
    assert.deepEqual(rangeOf('p_30'), [0.125, 0.5, 1]);
    assert.deepEqual(rangeOf('truth'), [-1, 4, 1]);
  });

  test('has a row for each chip, in the order of the scene file', async () => {
    const found = await parquetReadObjects({ file: bytes.slice().buffer });
    const none = [null, null, null, null, null, null, null];
    const [id, third] = ['0123456789abcdef', 2 ** 31 - 1];
    for (const [i, values] of [
      [`${id}-0`, 0, 0n, 100, 30, 'three', 0.5, 0.5, 0.25, 0.25, 4],
      [`${id}-2`, 2, 93_486n, 100, ...none],
      [`${id}-${third}`, third, 2n ** 53n + 1n, 100, 4, 'four', 0.625, 0.125, 0.25, 0.625, -1],
    ].entries()) {
      assert.deepEqual(
        Object.keys(found[i]!),
        columns.map(({ name }) => name),
      );
      const from = [digest, origin.scene, origin.run, new Date(acquired.at)];
      assert.deepEqual(Object.values(found[i]!), [...values, ...from, ...none, null]);
    }
    assert.equal(found.length, 3);
  });

  test('has the same column types for few and many rows, in at most one row group', () => {
    const shapesOf = (one: Uint8Array) => metadataOf(one).schema.map(({ num_children, ...column }) => column);
    const missing = predict(model, [[NaN, 0, 0]], origin).bytes;
    const none = encodePredictions(model, joined(columns, []));
    const many = encodePredictions(model, joined(columns, new Array(500).fill(predictions)));
    for (const some of [none, missing, many]) {
      assert.deepEqual(shapesOf(some), shapesOf(bytes));
      const { length } = metadataOf(some).row_groups;
      assert.ok(length <= 1, `${length} groups of rows`);
    }
  });

  test('needs almost no space for values that are the same in all rows', () => {
    const many = predict(model, Array(512).fill(rows[0]!), origin).bytes;
    const bytesOf = (name: string) => {
      const [{ columns: chunks } = assert.fail()] = metadataOf(many).row_groups;
      return Number(chunks.find((one) => one.meta_data?.path_in_schema[0] === name)?.meta_data?.total_compressed_size);
    };
    for (const name of ['digest', 'scene', 'run', 'acquired'])
      assert.ok(bytesOf(name) < 150, `${name}: ${bytesOf(name)} bytes`);
  });

  test('differs for another write id, even if the predictions are the same', () => {
    const [first, second] = ['first', 'other'].map((wording) => encodePredictions(model, predictions, wording));
    assert.notDeepEqual(first, second);
    assert.deepEqual(metadataOf(first!).key_value_metadata?.at(-1), { key: 'swath:write', value: 'first' });
  });
});

describe('chips of a raster', () => {
  const corners = [10, 50, 10, 49, 11, 49, 11, 50];
  const window = {
    x: Int32Array.of(0, 64, 0),
    y: Int32Array.of(0, 128, 0),
    width: Int32Array.of(64, 64, 0),
    height: Int32Array.of(32, 32, 0),
    footprint: Float64Array.of(...corners, ...new Array(8).fill(NaN), ...new Array(8).fill(0)),
    hectares: Float64Array.of(805_624, NaN, NaN),
  };
  const ofChips = { ...model, source: { width: 64, height: 32, bands: [] }, overlap: 0 };
  const { bytes: ofRaster } = predict(ofChips, rows, origin, partOf(3, { window }));

  test('have their window in pixels, and their footprint on earth if that is known', async () => {
    const read = await parquetReadObjects({ file: ofRaster.slice().buffer, columns: WINDOW });
    const { hectares } = read[0]!;
    assert.ok(Math.abs(hectares - 805_624.5) < 1); // by pyproj.Geod, with points along the parallels
    const ring = [...Array.from({ length: 4 }, (_, i) => corners.slice(2 * i, 2 * i + 2)), [10, 50]];
    assert.deepEqual(read, [
      { x: 0, y: 0, width: 64, height: 32, geometry: { type: 'Polygon', coordinates: [ring] }, hectares },
      { x: 64, y: 128, width: 64, height: 32, geometry: null, hectares: null },
      { x: null, y: null, width: null, height: null, geometry: null, hectares: null },
    ]);
  });

  test('can be read back', async () => {
    const { x, geometry } = await decodePredictions(ofRaster, columns);
    assert.deepEqual(x, [0, 64, null]);
    assert.deepEqual(decodeGeometry(geometry[0]!)[1], [10, 49]);
  });
});

test('the name that a chip has in an archive is a column', async () => {
  const names = ['a.png', 'zürich/Übersicht.png', null];
  const { bytes: ofArchive } = predict(
    model,
    rows,
    origin,
    partOf(3, { carried: [{ name: 'member', type: 'STRING', values: names }] }),
  );
  assert.deepEqual((await decodePredictions(ofArchive, columns)).member, names);
});

describe('carried features', () => {
  const carry = [
    { name: 'id', type: 'STRING' },
    { name: 'Lon', type: 'DOUBLE' },
    { name: 'lat', type: 'DOUBLE' },
  ] as const;
  const carried = [
    { ...carry[0], values: ['a', 'ü', null] },
    { ...carry[1], values: [10.5, -200, null] },
    { ...carry[2], values: [-3.25, 0, 0] },
  ];
  const passing = { ...model, carry };
  const { bytes: ofTable } = predict(passing, rows, origin, partOf(3, { carried }));
  const names = ['id', 'Lon', 'lat'];

  test('are columns with their names, and coordinates are points if they are valid', async () => {
    const read = await parquetReadObjects({ file: ofTable.slice().buffer, columns: [...names, 'geometry'] });
    assert.deepEqual(read, [
      { id: 'a', Lon: 10.5, lat: -3.25, geometry: { type: 'Point', coordinates: [10.5, -3.25] } },
      { id: 'ü', Lon: -200, lat: 0, geometry: null },
      { id: null, Lon: null, lat: 0, geometry: null },
    ]);
    const geo = metadataOf(ofTable).key_value_metadata?.find(({ key }) => key === 'geo')?.value;
    assert.deepEqual(JSON.parse(geo!).columns.geometry.geometry_types, ['Polygon', 'MultiPolygon', 'Point']);
  });

  test('can be read back', async () => {
    const back = await decodePredictions(ofTable, columnsOf(passing));
    assert.deepEqual([back['id'], back['Lon']], [carried[0]!.values, carried[1]!.values]);
    assert.deepEqual(decodeGeometry(back.geometry[0]!), [[10.5, -3.25]]);
    assert.deepEqual(encodePredictions(passing, back), ofTable);
  });

  test('cannot have the name of another column', () => {
    const outputs = new Set(model.task.columns(model).map(({ name }) => name));
    for (const { name } of columns) assert.ok(outputs.has(name) || isReserved(name), name);
  });
});

describe('a written file', () => {
  test('can be read back and written again without a difference', async () => {
    const back = await decodePredictions(Buffer.concat([new Uint8Array(3), bytes]).subarray(3), columns);
    assert.deepEqual(joined(columns, [back]), joined(columns, [predictions]));
    assert.deepEqual(encodePredictions(model, back), bytes);
  });

  test('may have no predictions', async () => {
    const back = await decodePredictions(encodePredictions(model, joined(columns, [])), columns);
    assert.deepEqual(back, joined(columns, []));
  });

  test('is refused if a required column is missing or a column has another type', async () => {
    const written = columns.map(({ name }) => ({ name, data: Array.from(predictions[name]!).slice(0, 1) }));
    const encoded = (some: typeof written) =>
      new Uint8Array(
        parquetWriteBuffer({ columnData: some as Parameters<typeof parquetWriteBuffer>[0]['columnData'] }),
      );
    const isOptional = (name: string) => ['member', 'request_id', 'acquired', ...WINDOW].includes(name);
    for (const { name } of columns) {
      const without = decodePredictions(encoded(written.filter((column) => column.name !== name)), columns);
      if (isOptional(name)) await assert.doesNotReject(without, name);
      else await assert.rejects(without, { name: 'ZodError' }, name);
      const other = written.map((column) => (column.name === name ? { name, data: [true] } : column));
      await assert.rejects(decodePredictions(encoded(other as unknown as typeof written), columns), {
        name: 'ZodError',
      });
    }
  });
});

function metadataOf(bytes: Uint8Array) {
  return parquetMetadata(bytes.slice().buffer);
}

test('the file of a shadow leaves out columns without values and statistics, and reads back the same', async () => {
  const ofShadow = encodeShadowPredictions(model, predictions);
  const metadata = metadataOf(ofShadow);
  const left = new Set(metadata.schema.slice(1).map(({ name }) => name));
  const without = columns.filter(({ name }) => !left.has(name));
  assert.ok(without.length > 0 && without.every(({ isOptional }) => isOptional === true));
  for (const { name } of without) assert.ok(Array.from(predictions[name]!).every((value) => value === null));
  assert.deepEqual(
    metadata.row_groups.flatMap((group) => group.columns.map(({ meta_data: about }) => about?.statistics)),
    Array(left.size).fill(undefined),
  );
  assert.deepEqual(await decodePredictions(ofShadow, columns), await decodePredictions(bytes, columns));
  assert.ok(ofShadow.length < bytes.length);
  const placedSomewhere = { ...predictions, geometry: [null, Uint8Array.of(1), null] };
  const about = metadataOf(encodeShadowPredictions(model, placedSomewhere)).key_value_metadata!;
  assert.ok(about.some(({ key }) => key === 'geo') && !metadata.key_value_metadata!.some(({ key }) => key === 'geo'));
});
