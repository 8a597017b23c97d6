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
/** Each with its name in the template. */
const TABLES = { [LEDGER_TABLE]: 'LedgerTable', [METRICS_TABLE]: 'MetricsTable', [FEATURES_TABLE]: 'FeaturesTable' };

/** A request takes a millisecond or two; a process that is suspended in the middle of one must not hold up the end. */
const GRACE_MILLISECONDS = 200;
const LOOK_MILLISECONDS = 5;
/** A table is there after one or two looks; 2,000 take ten seconds, however long the process is suspended between them. */
const MOST_LOOKS = 2_000;

const OPENING_BYTES = 1 << 18;

export type Tables = Awaited<ReturnType<typeof startTables>>;

/** DynamoDB on a laptop: dynalite in this process, on a loopback port; without a folder, in memory. With `onFull`, writes wait for room. */
export async function startTables(path?: string, onFull?: (error: Error) => void) {
  await using opened = new AsyncDisposableStack(); // of what fails here, an open port would keep the process
  const { has, send, ...tables } = opened.use(await openTables(path, onFull));
  for (const [TableName, logicalId] of Object.entries(TABLES)) {
    if (await has(TableName)) continue;
    const { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes } = readTable(logicalId);
    const as = { AttributeDefinitions, KeySchema, GlobalSecondaryIndexes, BillingMode: 'PAY_PER_REQUEST' };
    await send('CreateTable', { TableName, ...as });
    // One that is being created answers as if there were none; one whose second write failed is being created for ever.
    for (let looks = 0; !(await has(TableName)); looks += 1) {
      if (looks === MOST_LOOKS)
        throw new Error(`${path}: the table ${TableName} cannot be written, as said above. Mend that, then try again.`);
      await pause(LOOK_MILLISECONDS);
    }
  }
  opened.move();
  return tables;
}

/** Opens tables as they are: one that is missing, or whose creation was cut short, is not there. */
export async function openTables(path?: string, onFull?: (error: Error) => void) {
  if (path !== undefined) await assertFreeSpace(path, OPENING_BYTES); // the tables die of a full disk, and say nothing
  // Loaded late: a command that asks a stack of another process needs none of it.
  const [{ default: dynalite }, { waitForRoom }] = await Promise.all([import('dynalite'), import('./patchedLevel.ts')]);
  if (path && onFull) waitForRoom.set(path, onFull);
  const server = dynalite({ ...(path && { path }), createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const port = await listen(server, '127.0.0.1', [0]);
  const own = askServer(server);
  const send = sendBy(own.ask);
  return { endpoint: `http://127.0.0.1:${port}`, ask: own.ask, send, has, close, [Symbol.asyncDispose]: close };

  /** Requests in progress get their answer; but a connection is not kept alive after it, which would take seconds. */
  async function close(): Promise<void> {
    waitForRoom.delete(path ?? '');
    await Promise.race([own.close(), pause(GRACE_MILLISECONDS, undefined, { ref: false })]);
    using _idle = setInterval(() => server.closeIdleConnections(), LOOK_MILLISECONDS);
    using _late = setTimeout(() => server.closeAllConnections(), GRACE_MILLISECONDS);
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  async function has(TableName: string): Promise<boolean> {
    const describing = send<{ Table: { TableStatus: string } }>('DescribeTable', { TableName });
    const none = onError('ResourceNotFoundException', () => undefined);
    return (await describing.catch(none))?.Table.TableStatus === 'ACTIVE';
  }
}
