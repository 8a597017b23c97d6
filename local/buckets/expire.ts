import { existsSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { answeredKey, requestKey } from '../../core/base/keys.ts';
import { DAY_MILLISECONDS, dayOf } from '../../core/base/time/days.ts';
import { isWritten } from '../../core/ledger/table.ts';
import { readExpirations } from '../stack/service.ts';
import { scanned, sendBy } from '../tables/askForTables.ts';
import type { AskTables } from '../tables/tableRequests.ts';
import { LEDGER_TABLE } from '../tables/tables.ts';

/** Removes what the bucket's lifecycle rules expire in an account from the results folder. */
export async function expireResults(folder: string, now: Date): Promise<void> {
  for (const { prefix, days } of readExpirations('ResultsBucket')) {
    const oldest = Date.parse(dayOf(now)) - days * DAY_MILLISECONDS; // S3 expires them at a midnight
    for (const name of await readdir(join(folder, prefix)).catch(() => [])) {
      const path = join(folder, prefix, name);
      const found = await stat(path).catch(() => undefined); // another sweep may have removed it
      if (found !== undefined && found.mtimeMs < oldest) await rm(path, { recursive: true, force: true });
    }
  }
}

/** Removes the ledger's expired rows, as DynamoDB does by itself; only where there are requests or answers, as no others expire. */
export async function expireRows(folder: string, ask: AskTables, now: Date): Promise<void> {
  if (![requestKey(''), answeredKey('')].some((key) => existsSync(dirname(join(folder, key))))) return;
  const send = sendBy(ask);
  const ExpressionAttributeValues = { ':now': { N: String(now.getTime() / 1000) } };
  const isOver = { TableName: LEDGER_TABLE, ExpressionAttributeValues };
  for await (const items of scanned(send, { ...isOver, FilterExpression: 'expires <= :now' }))
    for (const { scene, model } of items)
      await isWritten(send('DeleteItem', { ...isOver, Key: { scene, model }, ConditionExpression: 'expires <= :now' }));
}
