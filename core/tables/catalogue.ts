import types from './athenaTypes.json' with { type: 'json' };
import type { ColumnType, Table } from './table.ts';

/** How the tables are described in Glue's catalogue, which Athena reads. */

/** https://docs.aws.amazon.com/athena/latest/ug/data-types.html */
const ATHENA_TYPES: Record<ColumnType, string> = types;

/** Parquet, which Athena reads by column name: https://docs.aws.amazon.com/athena/latest/ug/parquet-serde.html */
export const parquetStorage = {
  InputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  OutputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
  SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
};

export const athenaColumns = ({ columns }: Pick<Table, 'columns'>): { Name: string; Type: string }[] =>
  columns.map(({ name, type }) => ({ Name: name, Type: ATHENA_TYPES[type] }));

/** Returns the name of a stage's database, without hyphens, so that SQL needs no quotes. */
export const databaseName = (stage: string): string => `swath_${stage.replaceAll('-', '_')}`;
