import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { patience } from './patience.ts';

/** The DynamoDB client of this container. Undefined attributes are left out, as in JSON. */
export function connectTables(config: DynamoDBClientConfig = {}): DynamoDBDocument {
  const client = new DynamoDBClient({ ...patience, ...config });
  const document = DynamoDBDocument.from(client, { marshallOptions: { removeUndefinedValues: true } });
  return Object.assign(document, { destroy: () => client.destroy() }); // its own does nothing: the client was a guest's
}
