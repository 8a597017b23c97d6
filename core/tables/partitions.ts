import type { Table } from './table.ts';

/**
 * Registers a partition, by the values of its table's partition columns, before files are written to it; idempotent. Does
 * nothing where files are found by their folders.
 */
export type RegisterPartition = (table: Table, values: readonly string[]) => Promise<void>;
