import { after } from 'node:test';
import type { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { startTables } from '../../local/tables/tables.ts';
import { connectOwnTables } from './ownTables.ts';

/** For tests: the tables that deploy, in memory, asked as the embedded stack asks its own, until the test file ends. */
export async function startTestTables(): Promise<DynamoDBDocument> {
  const { ask, close } = await startTables();
  const client = connectOwnTables(ask);
  after(async () => {
    client.destroy();
    await close();
  });
  return client;
}
