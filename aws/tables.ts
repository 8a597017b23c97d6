import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocument,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { Table, TableWith } from '../core/ledger/table.ts';
import { patience } from './patience.ts';

/** Undefined attributes are left out, as in JSON. */
const AS_JSON = { marshallOptions: { removeUndefinedValues: true } };

/** A client of the tables that can do everything: on a laptop and for the command line, whose rights are their user's. */
export function connectTables(config: DynamoDBClientConfig = {}): DynamoDBDocument {
  const client = new DynamoDBClient({ ...patience, ...config });
  const document = DynamoDBDocument.from(client, AS_JSON);
  return Object.assign(document, { destroy: () => client.destroy() }); // its own does nothing: the client was a guest's
}

type Commands = {
  [Name in keyof Table as `${Capitalize<Name>}Command`]: new (
    input: Parameters<Table[Name]>[0],
  ) => object;
};
type OperationOf<Name> = Name extends `${infer Operation}Command` ? Uncapitalize<Operation> & keyof Table : never;
type Command = Parameters<DynamoDBDocumentClient['send']>[0];

/** For a function whose role may do all that there is. */
export const everyCommand = { BatchGetCommand, DeleteCommand, GetCommand, PutCommand, QueryCommand, UpdateCommand };

/**
 * The tables as a function's container has them. It can do what its handler names, such as `{ GetCommand }`, and nothing
 * else: no other command comes into the bundle, and those that do are the rights of the function's role.
 */
export function connectTablesFor<Name extends keyof Commands>(
  commands: Pick<Commands, Name>,
): TableWith<OperationOf<Name>> {
  const document = DynamoDBDocumentClient.from(new DynamoDBClient(patience), AS_JSON);
  const operations = Object.entries<new (input: never) => object>(commands).map(([name, Command]) => [
    `${name[0]!.toLowerCase()}${name.slice(1, -'Command'.length)}`,
    (input: never) => document.send(new Command(input) as Command),
  ]);
  return Object.fromEntries(operations);
}
