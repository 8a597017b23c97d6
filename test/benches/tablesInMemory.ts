import type { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { makeTableStore, TableClient } from '../simulation/table.ts';

/**
 * For tests that are not about the tables themselves: those of the simulation, which answer at once, and as dynalite does
 * (test/simulation/table.test.ts). What is sent to tables is tried on dynalite by the tests beside it, in core.
 */
export async function startTestTables(): Promise<DynamoDBDocument> {
  const store = makeTableStore();
  return new TableClient(async (command, input) => store.act(command, ofOneTable(input as object)));
}

/** A batch of gets is of one table here, and its request says so as others do. */
function ofOneTable(input: object): object {
  if (!('RequestItems' in input)) return input;
  const [[TableName, request] = ['', {}]] = Object.entries(input.RequestItems as Record<string, object>);
  return { TableName, ...request };
}
