import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { AthenaClient, CreateWorkGroupCommand, type WorkGroupConfiguration } from '@aws-sdk/client-athena';
import {
  CreateDatabaseCommand,
  type CreateDatabaseCommandInput,
  CreateTableCommand,
  type CreateTableCommandInput,
  GetPartitionsCommand,
  GlueClient,
} from '@aws-sdk/client-glue';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { parse } from 'yaml';
import { askAthena } from '../aws/athena.ts';
import { registerPartitionIn } from '../aws/partitions.ts';
import { parquetFile } from '../core/tables/parquet.ts';
import * as redshift from '../core/tables/redshift.ts';
import type { Cell, Rows } from '../core/tables/table.ts';
import { TABLES } from '../core/tables/tables.ts';
import { sqlTables } from '../deployment/sqlTables.ts';
import { type LocalTables, openLocalTables } from '../local/tables/localTables.ts';
import { makeSqlResults } from './benches/sqlResults.ts';
import { credentials, region } from './deployment.ts';
import { type Ministack, reasonToSkip, startMinistack } from './ministack/ministack.ts';
import { temporaryFolder } from './swath.ts';

/**
 * The questions of docs/sql.md, asked of a second witness: `ministack`, a Python package that has S3, Glue and Athena. Its Athena
 * is DuckDB inside, so that it proves the tables and not the dialect; and it shows partitions that nobody has registered, so
 * these are asked for in the catalogue. That the dialect is Athena's says sqlglot, a parser. Both are Python packages; without
 * them it is said that nothing was tested.
 */

const reason = reasonToSkip(['ministack', 'sqlglot', 'duckdb']);
const skip = reason !== false && `NOT TESTED: ${reason}`;

const document = readFileSync(new URL('../docs/sql.md', import.meta.url), 'utf8');
const questions = [...document.matchAll(/^```sql\n(.*?)^```$/gms)].map(([, sql]) => sql!);

const DATABASE = 'swath_test';
const RESULTS = 'swath-test-results';
const WORK_GROUP = 'swath-test';

/** Of the tables. Nobody has said afterwards what is true. */
const PARTITIONS: Record<string, number> = { predictions: 4, runs: 1, metrics: 1, truth: 0 };

describe("docs/sql.md by ministack's Athena", { skip, timeout: 180_000 }, () => {
  const cwd = temporaryFolder();
  let ministack: Ministack | undefined;
  let glue: GlueClient;
  let athena: AthenaClient;
  let local: LocalTables;
  let someKey: string;

  before(async () => {
    ministack = await startMinistack({ isStrict: false });
    const account = { endpoint: ministack.endpoint, region, credentials };
    const { results } = await makeSqlResults(cwd);
    local = await openLocalTables(results);
    [glue, athena] = [new GlueClient(account), new AthenaClient(account)];
    const s3 = new S3Client({ ...account, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: RESULTS }));
    await deployTables(glue, athena);
    const register = registerPartitionIn(DATABASE, RESULTS, () => glue);
    someKey = parquetKeys(results).find((key) => key.startsWith('predictions/'))!;
    for (const key of parquetKeys(results)) {
      await s3.send(
        new PutObjectCommand({ Bucket: RESULTS, Key: key, Body: readFileSync(join(results, ...key.split('/'))) }),
      );
      const [name = '', ...folders] = key.split('/').slice(0, -1);
      const table = TABLES.find((one) => one.name === name)!;
      await register(
        table,
        folders.map((folder) => folder.slice(folder.indexOf('=') + 1)),
      );
    }
    await s3.send(new PutObjectCommand({ Bucket: RESULTS, Key: EVERY_COLUMN, Body: await everyColumn() }));
    s3.destroy();
  });

  after(async () => {
    await local?.close();
    glue?.destroy();
    athena?.destroy();
    await ministack?.stop();
  });

  test('the catalogue has the partitions that were registered, each with its folder', async () => {
    for (const { name, partitions } of TABLES) {
      const { Partitions = [] } = await glue.send(
        new GetPartitionsCommand({ DatabaseName: DATABASE, TableName: name }),
      );
      assert.equal(Partitions.length, PARTITIONS[name], name);
      for (const { Values = [], StorageDescriptor } of Partitions) {
        const folder = partitions.map((of, i) => `${of.name}=${Values[i]}`).join('/');
        assert.equal(StorageDescriptor?.Location, `s3://${RESULTS}/${name}/${folder}/`);
      }
    }
  });

  for (const sql of questions)
    test(`the same answer: ${sql.replace(/\s+/g, ' ').slice(0, 80)}`, async () => {
      const place = { database: DATABASE, workGroup: WORK_GROUP };
      const there = await allOf(await askAthena(athena, place, sql, { pollMilliseconds: 50 }));
      assert.deepEqual(there, await allOf(await local.query(sql)));
    });

  test('each question is of the dialect athena', () => assertParsed('athena', questions));

  test('each question is of the dialect redshift, as is each statement that loads predictions', async () => {
    const bytes = readFileSync(join(cwd, 'data', 'results', ...someKey.split('/')));
    const { layout } = await redshift.readResultsFile(redshift.resultsFileAt(someKey)!, bytes);
    const ofBatch = redshift.loadFiles({ ...layout, batch: 'b' }, 's3://results/manifests/warehouse/a.json');
    const ids = ['a'.repeat(32), 'b'.repeat(32)];
    assert.ok(ofBatch.length > 6);
    assertParsed('redshift', [
      ...questions,
      ...redshift.CREATE_TABLES,
      ...redshift.addColumns([]),
      ...ofBatch,
      ...redshift.removeRows(ids),
    ]);
  });
});

/** A parser of many dialects parses each; a statement that it takes for a mere command was not understood, unless the dialect has it so. */
function assertParsed(dialect: string, statements: readonly string[]): void {
  const script = `import json, sys, sqlglot
for sql in json.load(sys.stdin):
    one = sqlglot.parse_one(sql, dialect="${dialect}")
    if isinstance(one, sqlglot.exp.Command) and not sql.startswith("LOCK "): sys.exit("not understood: " + sql)`;
  const { status, stderr } = spawnSync('python3', ['-c', script], {
    input: JSON.stringify(statements),
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
}

if (skip) console.error(`SKIPPED: ${skip}.`);

/** Ministack knows only the columns that files have; Athena those of its catalogue, which are NULL where a file has none. */
const EVERY_COLUMN = 'predictions/model=droughtwatch-baseline/version=1.1.0/date=2000-01-01/none.parquet';

/** A file of predictions with every column, and without a row. */
function everyColumn(): Promise<Uint8Array> {
  return parquetFile(TABLES.find(({ name }) => name === 'predictions')!.columns, []);
}

/** The tables as CloudFormation would make them, from the resources that deploy. */
async function deployTables(glue: GlueClient, athena: AthenaClient): Promise<void> {
  const values = { 'sql:database': DATABASE, 'number:sqlBytesLimit': 10_000_000, 'self:custom.names.results': RESULTS };
  const yaml = readFileSync(new URL('../resources/sql.yml', import.meta.url), 'utf8')
    .replaceAll(/swath-\$\{sls:stage\}/g, WORK_GROUP)
    .replaceAll(/\$\{([^}]+)\}/g, (_, name: keyof typeof values) => String(values[name]));
  const resources: Record<string, { Type: string; Properties: object }> = {
    ...parse(yaml).Resources,
    ...sqlTables(RESULTS),
  };
  for (const { Type, Properties } of Object.values(resources)) {
    const input = JSON.parse(JSON.stringify(Properties), (_, value) => value?.['Fn::Sub'] ?? value?.['Ref'] ?? value);
    if (Type === 'AWS::Glue::Database') {
      const { DatabaseInput } = input as CreateDatabaseCommandInput;
      await glue.send(new CreateDatabaseCommand({ DatabaseInput }));
    } else if (Type === 'AWS::Glue::Table') {
      const { TableInput } = input as CreateTableCommandInput;
      await glue.send(new CreateTableCommand({ DatabaseName: DATABASE, TableInput }));
    } else {
      const { Name, WorkGroupConfiguration: Configuration } = input as Record<string, never> & {
        WorkGroupConfiguration: WorkGroupConfiguration;
      };
      await athena.send(new CreateWorkGroupCommand({ Name, Configuration }));
    }
  }
}

async function allOf({ columns, rows }: Rows): Promise<Record<string, unknown>[]> {
  const all: Record<string, unknown>[] = [];
  for await (const some of rows)
    for (const row of some) all.push(Object.fromEntries(row.map((cell, i) => [columns[i]!.name, comparable(cell)])));
  return all;
}

/** Whole numbers of any width are the same, and numbers but for the last digits, which are added up in any order. */
function comparable(cell: Cell): unknown {
  if (typeof cell === 'bigint') return Number(cell);
  return typeof cell === 'number' ? Number(cell.toPrecision(6)) : cell;
}

function parquetKeys(results: string): string[] {
  return readdirSync(results, { recursive: true })
    .map((path) => String(path).replaceAll(sep, '/'))
    .filter((key) => key.endsWith('.parquet') && TABLES.some(({ name }) => key.startsWith(`${name}/`)));
}
