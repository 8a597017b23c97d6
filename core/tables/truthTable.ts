import { PARTITIONS_OF_CHIPS, type Table, type TableColumn } from './table.ts';
import columns from './truthColumns.json' with { type: 'json' };

export const truthTable: Table = {
  name: 'truth',
  says: 'one row per chip with a late truth, the latest one',
  partitions: PARTITIONS_OF_CHIPS,
  columns: columns as TableColumn[],
};
