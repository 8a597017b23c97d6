import type { Table } from './table.ts';

/**
 * Lets SQL know of a partition, by the values of its table's partition columns, before files are written into it; one that it
 * knows does no harm. Where files are found by their folders, there is nothing to do.
 */
export type RegisterPartition = (table: Table, values: readonly string[]) => Promise<void>;
