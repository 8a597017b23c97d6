import { capitalised } from '../core/base/text/capitalised.ts';
import { athenaColumns, parquetStorage } from '../core/tables/catalogue.ts';
import type { Table } from '../core/tables/table.ts';
import { TABLES } from '../core/tables/tables.ts';

/** The tables of core/tables as Glue's catalogue has them, for Athena; its database is in resources/sql.yml. */
export const sqlTables = (results: string) =>
  Object.fromEntries(TABLES.map((table) => [`Sql${capitalised(table.name)}`, tableResource(table, results)]));

/** Partitions are registered by who writes them, as nobody knows beforehand which versions there will be. */
const tableResource = (table: Table, results: string) => ({
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
});
