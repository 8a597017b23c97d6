import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { connectOwnTables } from '../../local/tableClients.ts';
import { startTables } from '../../local/tables.ts';

/** For tests: the tables that deploy, asked by this process as the embedded stack asks its own, until the test file ends. */
export async function startTestTables(): Promise<DynamoDBDocument> {
  const folder = mkdtempSync(join(tmpdir(), 'swath-tables-'));
  const { ask, close } = await startTables(folder);
  const client = connectOwnTables(ask);
  after(async () => {
    client.destroy();
    await close();
    rmSync(folder, { recursive: true });
  });
  return client;
}
