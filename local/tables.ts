import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { closeIterators } from './closeIterators.ts';
import { assertFreeSpace } from './folderBucket.ts';
import { readAndWriteInTurns } from './levelInTurns.ts';
import { readTable } from './service.ts';
import { connectLocalTables } from './tableClients.ts';
import { type AskTables, askServer } from './tableRequests.ts';

export const LEDGER_TABLE = 'ledger';
export const METRICS_TABLE = 'metrics';

/** A request takes a millisecond or two; a process that is suspended in the middle of one must not hold up the end. */
const GRACE_MILLISECONDS = 200;
const LOOK_MILLISECONDS = 5;

/** What the tables may write when they are opened. */
const OPENING_BYTES = 1 << 18;

/** Tables that answer at an address of the loopback. */
export type Tables = {
  endpoint: string;
  /** The same, for this process alone. */
  ask: AskTables;
  close: () => Promise<void>;
};

/**
 * DynamoDB on a laptop: dynalite in this process, kept in the data folder, answering on a free port of the loopback. The
 * tables are the ones that resources/storage/tables.yml deploys. Without a folder they are in memory.
 */
export async function startTables(path?: string): Promise<Tables> {
  if (path !== undefined) await assertFreeSpace(path, OPENING_BYTES); // the tables die of a full disk, and say nothing
  closeIterators();
  readAndWriteInTurns();
  const server = dynalite({
    ...(path !== undefined && { path }),
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const tables = connectLocalTables(endpoint);
  await createTable(LEDGER_TABLE, 'LedgerTable');
  await createTable(METRICS_TABLE, 'MetricsTable');
  tables.destroy();
  const own = askServer(server);
  return { endpoint, ask: own.ask, close };

  /** Requests in progress get their answer; but a connection is not kept alive after it, which would take seconds. */
  async function close(): Promise<void> {
    await Promise.race([own.close(), pause(GRACE_MILLISECONDS, undefined, { ref: false })]);
    const idle = setInterval(() => server.closeIdleConnections(), LOOK_MILLISECONDS);
    const late = setTimeout(() => server.closeAllConnections(), GRACE_MILLISECONDS);
    await new Promise<void>((resolve) => server.close(() => resolve()));
    clearInterval(idle);
    clearTimeout(late);
  }

  async function createTable(TableName: string, logicalId: string): Promise<void> {
    const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes } = readTable(logicalId) as Omit<
      CreateTableCommandInput,
      'TableName'
    >;
    try {
      await tables.send(
        new CreateTableCommand({
          TableName,
          AttributeDefinitions,
          KeySchema,
          BillingMode: 'PAY_PER_REQUEST',
          ...(GlobalSecondaryIndexes && { GlobalSecondaryIndexes }),
        }),
      );
    } catch (error) {
      if (!(error instanceof ResourceInUseException)) throw error; // else it is there from before
    }
    while (!(await isActive(TableName))) await pause(LOOK_MILLISECONDS);
  }

  /** A table that is still being created answers as if there were none. */
  async function isActive(TableName: string): Promise<boolean> {
    const { Table } = await tables.send(new DescribeTableCommand({ TableName }));
    return Table?.TableStatus === 'ACTIVE';
  }
}
