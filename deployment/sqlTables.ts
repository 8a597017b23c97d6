import { capitalised } from '../core/base/text/capitalised.ts';
import { athenaColumns, parquetStorage } from '../core/tables/catalogue.ts';
import type { Table } from '../core/tables/table.ts';
import { TABLES } from '../core/tables/tables.ts';

/** What a query has answered lies here for a week: resources/storage/buckets.yml. */
const ANSWERS = 'queries/';

type Catalogue = { database: string; workGroup: string; results: string; bytesLimit: number };

/**
 * The tables of core/tables as Athena has them: a database and its tables in Glue's catalogue, and a workgroup that says where
 * answers go and what a query may read. None of it costs anything by itself.
 */
export function catalogue({ database, workGroup, results, bytesLimit }: Catalogue) {
  const tables = TABLES.map((table) => [`Sql${capitalised(table.name)}`, tableResource(table, results)]);
  return {
    Resources: {
      SqlDatabase: {
        Type: 'AWS::Glue::Database',
        Properties: {
          CatalogId: { Ref: 'AWS::AccountId' },
          DatabaseInput: { Name: database, Description: 'What Swath has predicted, for SQL: docs/sql.md' },
        },
      },
      ...Object.fromEntries(tables),
      SqlWorkGroup: {
        Type: 'AWS::Athena::WorkGroup',
        Properties: {
          Name: workGroup,
          Description: 'Queries on what Swath has predicted: docs/sql.md',
          RecursiveDeleteOption: true, // its history is no reason to stay
          WorkGroupConfiguration: {
            EnforceWorkGroupConfiguration: true, // or a client could have its answers put elsewhere, and read what it likes
            BytesScannedCutoffPerQuery: bytesLimit,
            PublishCloudWatchMetricsEnabled: false, // each would cost
            EngineVersion: { SelectedEngineVersion: 'Athena engine version 3' },
            ResultConfiguration: {
              OutputLocation: { 'Fn::Sub': `s3://${results}/${ANSWERS}` },
              EncryptionConfiguration: { EncryptionOption: 'SSE_S3' },
            },
          },
        },
      },
    },
    Outputs: { SqlDatabase: { Value: database }, SqlWorkGroup: { Value: { Ref: 'SqlWorkGroup' } } },
  };
}

/** Partitions are registered by who writes them, as nobody knows beforehand which versions there will be. */
function tableResource(table: Table, results: string) {
  return {
    Type: 'AWS::Glue::Table',
    Properties: {
      CatalogId: { Ref: 'AWS::AccountId' },
      DatabaseName: { Ref: 'SqlDatabase' },
      TableInput: {
        Name: table.name,
        Description: table.says,
        TableType: 'EXTERNAL_TABLE',
        Parameters: { classification: 'parquet', EXTERNAL: 'TRUE' },
        PartitionKeys: table.partitions.map(({ name, says }) => ({ Name: name, Type: 'string', Comment: says })),
        StorageDescriptor: {
          ...parquetStorage,
          Columns: athenaColumns(table).map((column, i) => ({ ...column, Comment: table.columns[i]!.says })),
          Location: { 'Fn::Sub': `s3://${results}/${table.name}/` },
        },
      },
    },
  };
}

/** The right to register partitions of these tables. https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html */
export function registrationRight(database: string, tables: readonly Table[]) {
  const paths = ['catalog', `database/${database}`, ...tables.map(({ name }) => `table/${database}/${name}`)];
  return {
    Effect: 'Allow',
    Action: 'glue:CreatePartition',
    Resource: paths.map((path) => ({
      'Fn::Sub': `arn:\${AWS::Partition}:glue:\${AWS::Region}:\${AWS::AccountId}:${path}`,
    })),
  };
}

/** In its place where there are no tables: a list of rights has no gaps. */
export const NO_REGISTRATION = { Effect: 'Deny', Action: 'glue:CreatePartition', Resource: '*' };
