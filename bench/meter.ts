import type { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { sum } from 'simple-statistics';
import type { Answer, Asked, Observe } from '../test/packaged/fakeAws.ts';
import { type Item, SCHEMAS, writeUnits } from './capacityUnits.ts';

/** What the functions have asked AWS for: how often, and what of it is charged for. */
export type Counted = {
  /** By service and operation, such as `dynamodb: UpdateItem` or `s3: PutObject`. */
  calls: Record<string, number>;
  /** All of them by the function that made them. */
  callers: Record<string, number>;
  readUnits: number;
  writeUnits: number;
  /** Of the tables' indexes. */
  indexWriteUnits: number;
  s3Read: number;
  s3Written: number;
};

const nothing = (): Counted => {
  return { calls: {}, callers: {}, readUnits: 0, writeUnits: 0, indexWriteUnits: 0, s3Read: 0, s3Written: 0 };
};

/**
 * Counts what the stand-in for AWS is asked for: each request is one that an account would be charged for. What is timed is not
 * counted, as to count stands in its way.
 *
 * @param tables a client of the stand-in's tables that nobody counts
 * @param schemaName by the name of a table that deploys, the one that the schemas have
 */
export function makeMeter(tables: () => DynamoDBDocument, schemaName = (table: string) => table) {
  let counted = nothing();
  let isOn = true;

  const observe: Observe = async (asked, answer) => {
    const { caller, service, operation, method, url, body } = asked;
    if (!isOn) return answer();
    counted.callers[caller] = (counted.callers[caller] ?? 0) + 1;
    if (service.startsWith('DynamoDB')) return table(asked, answer);
    if (service !== '') {
      const name = service === 'AmazonSQS' ? 'sqs' : service.startsWith('GraniteService') ? 'cloudwatch' : 'states';
      count(`${name}: ${operation}`);
      return answer();
    }
    const isListing = new URL(url, 'http://s3').searchParams.has('versions');
    count(`s3: ${isListing ? 'ListObjectVersions' : `${method.charAt(0)}${method.slice(1).toLowerCase()}Object`}`);
    const answered = await answer();
    if (!isListing) {
      counted.s3Read += answered.body?.length ?? 0;
      counted.s3Written += body.length;
    }
    return answered;
  };

  async function table({ operation, body }: Asked, answer: (body: Buffer) => Promise<Answer>): Promise<Answer> {
    const input = JSON.parse(body.toString()) as TableInput;
    count(`dynamodb: ${operation}`);
    const written = keysWritten(operation, input);
    const before = await Promise.all(written.map(itemOf));
    const answered = await answer(Buffer.from(JSON.stringify({ ...input, ReturnConsumedCapacity: 'TOTAL' })));
    const failed = answered.status !== 200;
    for (const [i, key] of written.entries()) {
      // A condition that does not hold is charged for as well: for the item that it was held against.
      const after = failed ? before[i] : await itemOf(key);
      const { table, indexes } = writeUnits(SCHEMAS.get(schemaName(key.TableName))!, before[i], after);
      counted.writeUnits += table;
      counted.indexWriteUnits += indexes;
    }
    if (written.length === 0 && !failed) counted.readUnits += unitsIn(answered);
    return answered;
  }

  /** The tables' client gives values as they are, and a request has them with their types. */
  async function itemOf({ TableName, Key }: Written): Promise<Item | undefined> {
    const { Item } = await tables().get({ TableName, Key, ConsistentRead: true });
    return Item;
  }

  function keysWritten(operation: string, { TableName = '', Key, Item, RequestItems }: TableInput): Written[] {
    const keyOf = (table: string, item: Marshalled): Written => {
      const { keys } = SCHEMAS.get(schemaName(table))!;
      return { TableName: table, Key: Object.fromEntries(keys.map((name) => [name, String(item[name]!['S'])])) };
    };
    if (operation === 'PutItem') return [keyOf(TableName, Item!)];
    if (operation === 'UpdateItem' || operation === 'DeleteItem') return [keyOf(TableName, Key!)];
    if (operation !== 'BatchWriteItem') return [];
    return Object.entries(RequestItems!).flatMap(([table, writes]) =>
      writes.map(({ PutRequest, DeleteRequest }) => keyOf(table, PutRequest?.Item ?? DeleteRequest!.Key)),
    );
  }

  function count(what: string): void {
    counted.calls[what] = (counted.calls[what] ?? 0) + 1;
  }

  return {
    observe,
    take: (): Counted => {
      const taken = counted;
      counted = nothing();
      return taken;
    },
    /** While something happens, nothing is counted. */
    uncounted: async <Result>(happens: () => Promise<Result>): Promise<Result> => {
      isOn = false;
      return happens().finally(() => {
        isOn = true;
      });
    },
  };
}

type Marshalled = Record<string, Record<string, unknown>>;
type BatchWrite = { PutRequest?: { Item: Marshalled }; DeleteRequest?: { Key: Marshalled } };
type TableInput = {
  TableName?: string;
  Key?: Marshalled;
  Item?: Marshalled;
  RequestItems?: Record<string, BatchWrite[]>;
};
type Written = { TableName: string; Key: Record<string, string> };

/** What a read has consumed, of one table or of several. */
function unitsIn({ body = '' }: Answer): number {
  type Capacity = { CapacityUnits: number };
  const { ConsumedCapacity = [] } = JSON.parse(body.toString()) as { ConsumedCapacity?: Capacity | Capacity[] };
  return sum([ConsumedCapacity].flat().map(({ CapacityUnits }) => CapacityUnits));
}
