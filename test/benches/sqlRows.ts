import type { Cell } from '../../core/tables/table.ts';
import { openLocalTables } from '../../local/tables/localTables.ts';

/** The rows of a query on a folder of results, as `swath sql --json` prints them, without a process for it. */
export async function sqlRows(results: string, sql: string): Promise<Record<string, Cell>[]> {
  const tables = await openLocalTables(results);
  try {
    const { columns, rows } = await tables.query(sql);
    const all = (await Array.fromAsync(rows)).flat();
    return all.map((row) => Object.fromEntries(row.map((cell, i) => [columns[i]!.name, cell])));
  } finally {
    tables.close();
  }
}
