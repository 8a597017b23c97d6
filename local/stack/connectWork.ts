import { connectLocalTables } from '../tables/tableClients.ts';
import { askOwner } from './control.ts';
import { dataFolderAt } from './dataFolder.ts';
import type { Ask } from './link.ts';
import { readOwner } from './lock.ts';
import { makeLocalSteps } from './steps.ts';

/** What does jobs in containers, in a process beside the embedded stack that owns the data folder; undefined if none runs. */
export async function connectWork(dataDir: string) {
  const folder = dataFolderAt(dataDir);
  const owner = readOwner(folder.lock);
  if (owner === undefined) return undefined;
  const ask: Ask = (question, body) => askOwner(owner, question, body);
  const environment = await ask<Record<string, string>>('environment', null);
  const tables = connectLocalTables(await ask<string>('tables', null));
  const time = { ahead: Date.parse(await ask<string>('now', null)) - Date.now() };
  const work = await makeLocalSteps({ environment, folder, time }, { tables, ask }).work();
  return { work, close: () => tables.destroy() };
}
