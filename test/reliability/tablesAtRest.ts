import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type DynamoDBDocument, paginateScan } from '@aws-sdk/lib-dynamodb';
import { readTable } from '../../local/stack/service.ts';
import { connectLocalTables } from '../../local/tables/tableClients.ts';
import { LEDGER_TABLE, METRICS_TABLE, startTables } from '../../local/tables/tables.ts';

/** An item as the table keeps it: read by the database's own requests, and not by the ledger's code. */
export type Item = Record<string, unknown>;

/** What the tables of a data folder hold: every item, and every index entry by the index's name. */
export type TablesAtRest = { ledger: Item[]; metrics: Item[]; indexes: Record<string, Item[]> };

const INDEXES = ['byState', 'byDay', 'byRun'];

/**
 * Reads a copy of a data folder's tables, as they lie there after whatever ended their owner. Nothing is repaired, so the
 * indexes may show what no item says. Whatever ended early enough has left no tables, and so no item.
 */
export async function readTablesAtRest(tables: string): Promise<TablesAtRest> {
  const home = await mkdtemp(join(tmpdir(), 'swath-tables-'));
  const copy = join(home, 'tables');
  if (existsSync(tables)) await cp(tables, copy, { recursive: true });
  const served = await startTables(copy);
  const client = connectLocalTables(served.endpoint);
  try {
    const indexes: TablesAtRest['indexes'] = {};
    for (const name of INDEXES) indexes[name] = await scan(client, LEDGER_TABLE, name);
    return { ledger: await scan(client, LEDGER_TABLE), metrics: await scan(client, METRICS_TABLE), indexes };
  } finally {
    await served.close();
    client.destroy();
    await rm(home, { recursive: true });
  }
}

async function scan(client: DynamoDBDocument, TableName: string, IndexName?: string): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of paginateScan({ client }, { TableName, IndexName })) items.push(...(page.Items ?? []));
  return items;
}

/** Where an index and the items that it is about do not agree, in sentences. */
export function indexTroubles({ ledger, indexes }: TablesAtRest): string[] {
  const { GlobalSecondaryIndexes = [] } = readTable('LedgerTable') as { GlobalSecondaryIndexes?: Index[] };
  return GlobalSecondaryIndexes.flatMap(({ IndexName, KeySchema, Projection }) => {
    const own = KeySchema.map(({ AttributeName }) => AttributeName);
    const wanted = new Map(
      ledger.filter((item) => own.every((name) => name in item)).map((item) => [keyOf(item), projected(item)]),
    );
    const found = new Map((indexes[IndexName] ?? []).map((item) => [keyOf(item), item]));
    const twice = (indexes[IndexName] ?? []).length - found.size;
    return [
      ...(twice === 0 ? [] : [`${IndexName} shows ${twice} items twice`]),
      ...[...found.keys()].flatMap((key) => (wanted.has(key) ? [] : [`${IndexName} shows ${key}, which is no item`])),
      ...[...wanted].flatMap(([key, item]) => {
        const shown = found.get(key);
        if (shown === undefined) return [`${IndexName} does not show ${key}`];
        return isDeepStrictEqual(shown, item) ? [] : [`${IndexName} shows ${key} as it is not`];
      }),
    ];

    function projected(item: Item): Item {
      if (Projection.ProjectionType === 'ALL') return item;
      const kept = new Set(['scene', 'model', ...own, ...(Projection.NonKeyAttributes ?? [])]);
      return Object.fromEntries(Object.entries(item).filter(([name]) => kept.has(name)));
    }
  });
}

type Index = {
  IndexName: string;
  KeySchema: { AttributeName: string }[];
  Projection: { ProjectionType: string; NonKeyAttributes?: string[] };
};

function keyOf({ scene, model }: Item): string {
  return `${scene} by ${model}`;
}
