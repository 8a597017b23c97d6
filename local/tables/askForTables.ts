import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { mapped } from '../../core/base/mapped.ts';
import type { Item, Table } from '../../core/ledger/table.ts';
import type { AskTables } from './tableRequests.ts';

/** A row in DynamoDB's format, each value with its type. */
type Typed = Extract<Parameters<typeof unmarshall>[0], Record<string, unknown>>;
type Page = { Items?: Typed[]; Count?: number; LastEvaluatedKey?: Typed };
type Batch = { Responses?: Record<string, Typed[]>; UnprocessedKeys?: Record<string, { Keys: Typed[] }> };

/** A client of the tables; AWS's is a third of what a worker would load. Throws as that does, by names and `$fault`. */
export function askForTables(ask: AskTables): Table {
  const send = sendBy(ask);
  return {
    get: async (input) => {
      const { Item } = await send<{ Item?: Typed }>('GetItem', typed(input));
      return { Item: Item && unmarshall(Item) };
    },
    batchGet: async ({ RequestItems }) => {
      const requests = mapped(RequestItems, ({ Keys, ...others }) => ({ ...others, Keys: Keys?.map(toTyped) }));
      const { Responses = {}, UnprocessedKeys = {} } = await send<Batch>('BatchGetItem', { RequestItems: requests });
      return {
        Responses: mapped(Responses, rows),
        UnprocessedKeys: mapped(UnprocessedKeys, ({ Keys, ...others }) => ({ ...others, Keys: rows(Keys) })),
      };
    },
    query: async (input) => {
      const { Items, LastEvaluatedKey: last, ...page } = await send<Page>('Query', typed(input));
      return { ...page, Items: Items && rows(Items), LastEvaluatedKey: last && unmarshall(last) };
    },
    put: async (input) => send('PutItem', typed(input)),
    update: async (input) => {
      const { Attributes } = await send<{ Attributes?: Typed }>('UpdateItem', typed(input));
      return { Attributes: Attributes && unmarshall(Attributes) };
    },
    delete: async (input) => send('DeleteItem', typed(input)),
  };
}

/** Sends operations in DynamoDB's protocol; throws as `askForTables` does. */
export function sendBy(ask: AskTables) {
  return async <Answer>(operation: string, input: object): Promise<Answer> => {
    const { status, body } = await ask({ target: `DynamoDB_20120810.${operation}`, body: JSON.stringify(input) });
    const answer = JSON.parse(body || '{}');
    if (status === 200) return answer;
    const { __type: type = 'UnknownError', message = answer.Message } = answer;
    const [, name] = /([^#]+)$/.exec(type)!;
    throw Object.assign(new Error(message), { name, $fault: status < 500 ? 'client' : 'server' });
  };
}

/** Yields all rows of a table, or those of a filter, a page at a time, as DynamoDB types them. */
export async function* scanned(send: ReturnType<typeof sendBy>, request: object): AsyncGenerator<Typed[]> {
  let ExclusiveStartKey: Typed | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await send<Page>('Scan', { ...request, ExclusiveStartKey });
    yield Items;
    ExclusiveStartKey = LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
}

/** The parts of a request that contain rows, or values to compare with them. */
const ROWS = ['Key', 'Item', 'ExclusiveStartKey', 'ExpressionAttributeValues'];

function typed(input: object): object {
  const toTypedRow = (value: Item | undefined, name: string) => (ROWS.includes(name) && value ? toTyped(value) : value);
  return mapped({ ...input } as Record<string, Item | undefined>, toTypedRow);
}

/** Undefined attributes are left out, as in JSON. */
const toTyped = (item: Item): Typed => marshall(item, { removeUndefinedValues: true });
const rows = (items: readonly Typed[]): Item[] => items.map((item) => unmarshall(item));
