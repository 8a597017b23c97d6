import { onError } from '../base/errors.ts';

export type Item = Record<string, unknown>;

type Expressions = { ExpressionAttributeNames?: Record<string, string>; ExpressionAttributeValues?: Item | undefined };

type Write = Expressions & { TableName: string; ConditionExpression?: string };

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

type Keys = Pick<Query, 'ConsistentRead' | 'ProjectionExpression' | 'ExpressionAttributeNames'> & {
  Keys: Item[] | undefined;
};

/** What the service needs of DynamoDB's document client. Each is a permission: a handler has those that it names. */
export type Table = {
  get: (input: { TableName: string; Key: Item; ConsistentRead?: boolean }) => Promise<{ Item?: Item | undefined }>;
  batchGet: (input: {
    RequestItems: Record<string, Keys>;
  }) => Promise<{
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

/** Adds to expressions what they mention: `#state` is the attribute `state`, and `:run` the value `run` of `values`. */
export function expressed<Texts extends Record<string, string>>(expressions: Texts, values: Item = {}) {
  const text = Object.values(expressions).join(' ');
  const [names, used] = [text.match(/#\w+/g), text.match(/:\w+/g)];
  return {
    ...expressions,
    ...(names && { ExpressionAttributeNames: Object.fromEntries(names.map((name) => [name, name.slice(1)])) }),
    ...(used && { ExpressionAttributeValues: Object.fromEntries(used.map((name) => [name, values[name.slice(1)]])) }),
  };
}

export const when = (ConditionExpression: string, values?: Item) => expressed({ ConditionExpression }, values);

export const IS_NEW = { ConditionExpression: 'attribute_not_exists(scene)' };

/** The name of the error of a write whose condition was not met. */
export const REFUSED = 'ConditionalCheckFailedException';

/** Returns the answer to a conditional write; undefined if its condition was not met. */
export const unlessRefused = <Answer>(write: Promise<Answer>): Promise<Answer | undefined> =>
  write.catch(onError(REFUSED, () => undefined));

/** Awaits a conditional write. Returns false if its condition was not met. */
export const isWritten = async (write: Promise<unknown>): Promise<boolean> =>
  (await unlessRefused(write.then(() => true))) ?? false;

/** Yields the pages that a query finds; for each, the request is read anew. */
export async function* queryPages(table: TableWith<'query'>, request: Query): AsyncGenerator<Page, void, void> {
  let ExclusiveStartKey: Item | undefined;
  do {
    const page = await table.query({ ...request, ExclusiveStartKey });
    yield page;
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
}

/** Yields the rows that a query finds, at most so many; a page is requested once the one before it has been consumed. */
export async function* queryItems(table: TableWith<'query'>, request: Query, most = Infinity) {
  let left = most;
  for await (const { Items = [] } of queryPages(table, request)) {
    yield* Items.slice(0, left);
    left -= Items.length;
    if (left <= 0) return;
  }
}

export function wholePartition(TableName: string, scene: string): Query {
  return { TableName, ...expressed({ KeyConditionExpression: 'scene = :scene' }, { scene }), ConsistentRead: true };
}

type Part<Tables> = (table: Tables, TableName: string, requestDays?: number) => object;
type All<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer Both) => void
  ? Both
  : never;

/** Puts parts together that keep their rows in one table, which can do what each of them needs. */
export const partsOn = <Tables, Parts extends readonly Part<Tables>[]>(
  table: Tables,
  { ledgerTable, requestDays }: { ledgerTable: string; requestDays?: number },
  ...parts: Parts
): All<ReturnType<Parts[number]>> => Object.assign({}, ...parts.map((part) => part(table, ledgerTable, requestDays)));
