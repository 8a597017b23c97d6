import { setTimeout as pause } from 'node:timers/promises';
import { onError } from '../../core/base/errors.ts';
import { listen } from '../../server/listen.ts';
import { assertFreeSpace } from '../buckets/folderBucket.ts';
import { readTable } from '../stack/service.ts';
import { sendBy } from './askForTables.ts';
import { askServer } from './tableRequests.ts';

export const LEDGER_TABLE = 'ledger';
export const METRICS_TABLE = 'metrics';
export const FEATURES_TABLE = 'features';

/** A request takes a millisecond or two; a process that is suspended in the middle of one must not hold up the end. */
const GRACE_MILLISECONDS = 200;
const LOOK_MILLISECONDS = 5;

const OPENING_BYTES = 1 << 18;

export type Tables = Awaited<ReturnType<typeof startTables>>;

/** DynamoDB on a laptop: dynalite in this process, on a loopback port; without a folder, in memory. With `onFull`, writes wait for room. */
export async function startTables(path?: string, onFull?: (error: Error) => void) {
  if (path !== undefined) await assertFreeSpace(path, OPENING_BYTES); // the tables die of a full disk, and say nothing
  // Loaded late: a command that asks a stack of another process needs none of it.
  const [{ default: dynalite }, { waitForRoom }] = await Promise.all([import('dynalite'), import('./patchedLevel.ts')]);
  if (path && onFull) waitForRoom.set(path, onFull);
  const server = dynalite({ ...(path && { path }), createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const port = await listen(server, '127.0.0.1', [0]);
  const own = askServer(server);
  const send = sendBy(own.ask);
  await haveTable(LEDGER_TABLE, 'LedgerTable');
  await haveTable(METRICS_TABLE, 'MetricsTable');
  await haveTable(FEATURES_TABLE, 'FeaturesTable');
  return { endpoint: `http://127.0.0.1:${port}`, ask: own.ask, close };

  /** Requests in progress get their answer; but a connection is not kept alive after it, which would take seconds. */
  async function close(): Promise<void> {
    waitForRoom.delete(path ?? '');
    await Promise.race([own.close(), pause(GRACE_MILLISECONDS, undefined, { ref: false })]);
    const idle = setInterval(() => server.closeIdleConnections(), LOOK_MILLISECONDS);
    const late = setTimeout(() => server.closeAllConnections(), GRACE_MILLISECONDS);
    await new Promise<void>((resolve) => server.close(() => resolve()));
    clearInterval(idle);
    clearTimeout(late);
  }

  async function haveTable(TableName: string, logicalId: string): Promise<void> {
    if ((await statusOf(TableName)) === undefined) {
      const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes } = readTable(logicalId);
      const as = { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, BillingMode: 'PAY_PER_REQUEST' };
      await send('CreateTable', { TableName, ...as });
    }
    // One that is being created answers as if there were none.
    while ((await statusOf(TableName)) !== 'ACTIVE') await pause(LOOK_MILLISECONDS);
  }

  async function statusOf(TableName: string): Promise<string | undefined> {
    const describing = send<{ Table: { TableStatus: string } }>('DescribeTable', { TableName });
    return (await describing.catch(onError('ResourceNotFoundException', () => undefined)))?.Table.TableStatus;
  }
}
