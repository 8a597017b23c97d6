import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { slices } from '../../core/base/concurrency/inOrder.ts';
import { scanned, sendBy } from './askForTables.ts';
import { FEATURES_TABLE, LEDGER_TABLE, METRICS_TABLE, openTables, startTables, type Tables } from './tables.ts';

/** BatchWriteItem. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
const MAX_ITEMS_PER_BATCH = 25;
/** A file that every LevelDB folder has. */
const PROOF = 'CURRENT';

/** The owner's tables. Indexes are written before rows: after a kill, rows make the tables anew. */
export async function startRepairedTables(path: string, onFull?: (error: Error) => void): Promise<Tables> {
  const closed = `${path}.closed`;
  const wereClosed = !isCutOff(path) && (!existsSync(join(path, PROOF)) || existsSync(closed));
  if (!wereClosed) await rebuild(path);
  rmSync(closed, { force: true });
  const tables = await startTables(path, onFull);
  return {
    ...tables,
    close: async () => {
      await tables.close();
      writeFileSync(closed, '');
    },
  };
}

/** Copies the rows into new tables, which then take the place of the former ones. */
async function rebuild(path: string): Promise<void> {
  const fresh = `${path}.fresh`;
  const former = `${path}.former`;
  // Once the fresh tables are in their place they are whole, and the former ones may be half removed.
  if (isCutOff(path) && existsSync(join(path, PROOF))) rmSync(former, { recursive: true });
  if (isCutOff(path)) {
    rmSync(path, { recursive: true, force: true });
    renameSync(former, path);
  }
  rmSync(fresh, { recursive: true, force: true });
  {
    await using from = await openTables(path);
    await using to = await startTables(fresh);
    const write = sendBy(to.ask);
    for (const TableName of [LEDGER_TABLE, METRICS_TABLE, FEATURES_TABLE]) {
      if (!(await from.has(TableName))) continue; // its creation was cut short, so it has no rows
      for await (const items of scanned(from.send, { TableName }))
        for (const some of slices(items, MAX_ITEMS_PER_BATCH)) {
          const puts = some.map((Item) => ({ PutRequest: { Item } }));
          await write('BatchWriteItem', { RequestItems: { [TableName]: puts } });
        }
    }
  }
  renameSync(path, former);
  renameSync(fresh, path);
  rmSync(former, { recursive: true });
}

/** Whether an earlier rebuilding was itself cut off, after it had put the former tables aside. */
const isCutOff = (path: string): boolean => existsSync(`${path}.former`);
