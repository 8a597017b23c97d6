import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { parquetMetadata } from 'hyparquet';
import { heightsPackage } from '../../test/benches/heights.ts';
import { readFrom } from '../../test/benches/packages.ts';
import { modelOf } from '../../test/benches/predictions.ts';
import { isReserved, joined } from '../package/carry.ts';
import type { ModelPackage } from '../package/package.ts';
import { encodePredictions } from '../results/encodePredictions.ts';
import { columnsOf } from '../results/predictionColumns.ts';
import { readModelPackage } from '../tasks/readModelPackage.ts';
import { TASKS, taskNamed } from '../tasks/registry.ts';
import { athenaColumns, databaseName } from './catalogue.ts';
import { parquetFile } from './parquet.ts';
import { predictionsTable } from './predictionsTable.ts';
import { partitionPrefix, type Table } from './table.ts';
import { TABLES } from './tables.ts';

const bundled = (path: string) =>
  readModelPackage((name) => readFile(new URL(`../../models/${path}/1.0.0/${name}`, import.meta.url)));
const classes = [-1, 0, 4, 63].map((value) => ({ value, name: `class ${value}` }));
const multilabel = { ...modelOf(classes as ModelPackage['classes']), task: taskNamed('multilabel') };
const models: [name: string, model: ModelPackage][] = [
  ['classes of chips', await bundled('droughtwatch-baseline')],
  ['classes of rows', await bundled('landsat-statlog')],
  ['classes of pixels', await bundled('s2-scl')],
  ['values of pixels', await bundled('s2-b8a')],
  ['values of chips', await readModelPackage(readFrom(await heightsPackage()))],
  ['classes, one of them negative', modelOf(classes as ModelPackage['classes'])],
  ['labels', multilabel],
];

describe('the table of predictions', () => {
  const known = new Map(predictionsTable.columns.map(({ name, type }) => [name, type]));

  for (const [name, model] of models)
    test(`has every column of ${name}, with the type that its file has`, () => {
      const columns = columnsOf(model);
      const written = typesIn(encodePredictions(model, joined(columns, [])));
      assert.deepEqual(
        [...written].filter(([column, type]) => known.get(column) !== type),
        [],
      );
    });

  test('was tested with every task', () => {
    assert.deepEqual(
      [...new Set(models.map(([, { task }]) => task.name))].sort(),
      TASKS.map(({ name }) => name).sort(),
    );
  });

  test('has no name that a package may give to a carried feature', () => {
    const names = [...predictionsTable.columns, ...predictionsTable.partitions].map(({ name }) => name);
    assert.deepEqual(
      names.filter((name) => !isReserved(name) || !isReserved(name.toUpperCase())),
      [],
    );
    for (const free of ['id', 'p_x', 'lon', 'share']) assert.equal(isReserved(free), false, free);
  });
});

for (const table of TABLES)
  describe(table.name, () => {
    test('has unique column names that are valid in SQL, each with a description', () => {
      const names = [...table.columns, ...table.partitions].map(({ name }) => name);
      assert.equal(new Set(names).size, names.length);
      assert.deepEqual(
        names.filter((name) => !/^[a-z][a-z0-9_]*$/.test(name)),
        [],
      );
      assert.ok([...table.columns, ...table.partitions].every(({ says }) => says?.length > 0));
    });

    test('has the same types in Athena', () => {
      const types = Object.fromEntries(athenaColumns(table).map(({ Name, Type }) => [Name, Type]));
      assert.deepEqual(
        Object.keys(types),
        table.columns.map(({ name }) => name),
      );
      assert.ok(
        Object.values(types).every((type) => /^(string|int|bigint|float|double|binary|boolean|timestamp)$/.test(type)),
      );
    });

    test('is written with its declared types', async () => {
      const written = typesIn(await parquetFile(table.columns, []));
      assert.deepEqual(
        [...written],
        table.columns.map(({ name, type }) => [name, type]),
      );
    });
  });

test('a partition is a folder, as the keys of predictions have it', () => {
  assert.equal(
    partitionPrefix(predictionsTable, ['m', '1.0.0', '2026-05-03']),
    'predictions/model=m/version=1.0.0/date=2026-05-03/',
  );
  assert.equal(
    partitionPrefix({ name: 'runs', partitions: [{ name: 'date' }] } as unknown as Table, ['d']),
    'runs/date=d/',
  );
});

test("a stage's database needs no quotes", () => {
  assert.equal(databaseName('my-stage-2'), 'swath_my_stage_2');
});

/** The columns of a Parquet file by the names that the tables have for their types. */
function typesIn(bytes: Uint8Array): Map<string, string> {
  const { schema } = parquetMetadata(bytes.slice().buffer as ArrayBuffer, { geoparquet: false });
  return new Map(
    schema.slice(1).map(({ name, type = '', converted_type: meant = '' }) => [name, MEANT[meant] ?? type]),
  );
}

const MEANT: Record<string, string> = { UTF8: 'STRING', TIMESTAMP_MILLIS: 'TIMESTAMP' };
