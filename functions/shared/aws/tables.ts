import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';

/** The DynamoDB client of this container. Undefined attributes are left out, as in JSON. */
export function connectTables(config: DynamoDBClientConfig = {}): DynamoDBDocument {
  return DynamoDBDocument.from(new DynamoDBClient(config), { marshallOptions: { removeUndefinedValues: true } });
}
