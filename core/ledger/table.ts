export type Item = Record<string, unknown>;

type Expressions = {
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Item | undefined;
};

type Write = Expressions & { TableName: string; ConditionExpression?: string };

export type Get = { TableName: string; Key: Item; ConsistentRead?: boolean };

export type Query = Expressions & {
  TableName: string;
  IndexName?: string;
  KeyConditionExpression: string;
  ProjectionExpression?: string;
  Select?: 'COUNT';
  Limit?: number | undefined;
  ScanIndexForward?: boolean | undefined;
  ConsistentRead?: boolean | undefined;
  ExclusiveStartKey?: Item | undefined;
};

type Page = { Items?: Item[] | undefined; Count?: number | undefined; LastEvaluatedKey?: Item | undefined };

/** The rows of a table that are asked for together, by their keys. */
type Keys = {
  Keys: Item[] | undefined;
  ConsistentRead?: boolean | undefined;
  ProjectionExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
};

/**
 * What the service asks of its tables, as DynamoDB's document client has it: an operation is a right that somebody's role
 * must have. Whoever reads or writes rows says by its type which of them it takes, so a function cannot be put together with
 * one that its handler does not name.
 */
export type Table = {
  get: (input: Get) => Promise<{ Item?: Item | undefined }>;
  batchGet: (input: { RequestItems: Record<string, Keys> }) => Promise<{
    Responses?: Record<string, Item[]> | undefined;
    UnprocessedKeys?: Record<string, { Keys: Item[] | undefined }> | undefined;
  }>;
  query: (input: Query) => Promise<Page>;
  put: (input: Write & { Item: Item }) => Promise<unknown>;
  update: (
    input: Write & { Key: Item; UpdateExpression: string; ReturnValues?: 'ALL_NEW' },
  ) => Promise<{ Attributes?: Item | undefined }>;
  delete: (input: Write & { Key: Item }) => Promise<unknown>;
};

export type TableWith<Operation extends keyof Table> = Pick<Table, Operation>;

/** Whether a write was refused because the row is not as its condition wants it. */
export function isConditionRefused(error: unknown): boolean {
  return error instanceof Error && error.name === 'ConditionalCheckFailedException';
}

/** Does a conditional write; says whether it was done, and not refused. */
export async function isWritten(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (isConditionRefused(error)) return false;
    throw error;
  }
}

/** The answers to a query, a page at a time. */
export async function* queryPages(table: TableWith<'query'>, request: Query): AsyncGenerator<Page, void, void> {
  let ExclusiveStartKey: Item | undefined;
  do {
    const page = await table.query({ ...request, ExclusiveStartKey });
    yield page;
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
}

/** The rows that a query finds; the next page is asked for when those of one are taken. */
export async function* queryItems(table: TableWith<'query'>, request: Query): AsyncGenerator<Item, void, void> {
  for await (const { Items = [] } of queryPages(table, request)) yield* Items;
}
