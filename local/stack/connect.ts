import { resolve } from 'node:path';
import { insteadOf, onError } from '../../core/base/errors.ts';
import { makeLedger } from '../../core/ledger/ledger.ts';
import { readOutbox } from '../alarms/outbox.ts';
import { LEDGER_TABLE } from '../tables/tables.ts';
import { askOwner, OwnerGone, OwnerSilent } from './control.ts';
import { openDataFolder } from './dataFolder.ts';
import { executionsBy, remoteBy } from './link.ts';
import { FolderInUse, type Owner } from './lock.ts';
import { type OwnStack, type Stack, type StackOptions, startStack } from './stack.ts';

/** A starting stack answers when it is up; one that takes longer than this has failed. */
const ANSWER_MILLISECONDS = 15_000;

/** Of a stack, what no process asks the owner for by its name. */
type EachOnesOwn = 'folder' | 'tables' | 'ledger' | 'executions' | 'now' | 'readMetrics' | 'readOutbox' | 'close';

/** Opens the embedded stack of a data folder: the running one, or otherwise one in this process. */
export async function connectStack(options: StackOptions): Promise<Stack | OwnStack> {
  const reach = onError(FolderInUse, ({ owner }) => reachStack(options.dataDir, owner));
  const free = onError(OwnerGone, () => undefined); // the owner has just ended, and the folder is free
  for (;;) {
    const stack = await startStack(options).catch(reach).catch(free);
    if (stack !== undefined) return stack;
  }
}

async function reachStack(dataDir: string, owner: Owner): Promise<Stack> {
  const ask = <Answer>(question: string, body: unknown = null) => askOwner<Answer>(owner, question, body);
  const whose = `${dataDir} is in use by process ${owner.pid} (${owner.command}).`;
  const silent = insteadOf(OwnerSilent, ({ message }) => new OwnerSilent(`${whose} ${message}`));
  const { connectLocalTables } = await import('../tables/tableClients.ts'); // a stack in this process does not need AWS's client
  const tables = connectLocalTables(await askOwner<string>(owner, 'tables', null, ANSWER_MILLISECONDS).catch(silent));
  const { port } = owner;
  const asOwnerGone = insteadOf(['ECONNREFUSED', 'ECONNRESET', 'EPIPE'], (cause) => new OwnerGone({ port, cause }));
  // After the client's own retries: tables that do not answer belong to a process that has closed them.
  tables.middlewareStack.add((next) => (call) => next(call).catch(asOwnerGone), { step: 'initialize' });
  const folder = openDataFolder(dataDir);
  const ahead = Date.parse(await ask<string>('now')) - Date.now();
  const named = remoteBy(ask);
  const names = await ask<string[]>('shared');
  const shared = Object.fromEntries(names.map((name) => [name, named(name)])) as unknown as Omit<Stack, EachOnesOwn>;
  return {
    ...shared,
    folder,
    tables,
    ledger: makeLedger(tables, LEDGER_TABLE),
    executions: executionsBy(ask),
    // The owner may stand in another folder.
    send: (file, keyPrefix) => shared.send(resolve(file), keyPrefix),
    sendOnce: (file) => shared.sendOnce(resolve(file)),
    put: (file, key) => shared.put(resolve(file), key),
    now: () => new Date(Date.now() + ahead),
    readMetrics: { read: named('readMetrics'), valuesOf: named('valuesOf') },
    readOutbox: () => readOutbox(folder.outbox),
    close: async () => tables.destroy(),
  };
}
