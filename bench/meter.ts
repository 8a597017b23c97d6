import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { sum } from 'simple-statistics';
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

type Behind = {
  /** The stand-in for AWS that it stands before. */
  endpoint: string;
  /** The stand-in's tables, past the meter. */
  tables: DynamoDBDocument;
  /** By the names that deploy, those that the schemas have. */
  tableNames: ReadonlyMap<string, string>;
};

/** Stands between the packaged functions and the stand-in for AWS, and counts: each request is one that an account would be charged for. */
export async function startMeter({ endpoint, tables, tableNames }: Behind) {
  let counted = nothing();

  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const caller = /Credential=(\w+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
    counted.callers[caller] = (counted.callers[caller] ?? 0) + 1;
    const [service = '', operation = ''] = String(request.headers['x-amz-target'] ?? '').split('.');
    const { status, headers, bytes } = service.startsWith('DynamoDB')
      ? await table(operation, request, body)
      : service === ''
        ? await object(request, body)
        : await forward(request, body);
    if (service !== '' && !service.startsWith('DynamoDB'))
      count(
        `${service === 'AmazonSQS' ? 'sqs' : service.startsWith('GraniteService') ? 'cloudwatch' : 'states'}: ${operation}`,
      );
    response.writeHead(status, { ...headers, 'content-length': String(bytes.length) });
    response.end(bytes);
  });

  async function table(operation: string, request: IncomingMessage, body: Buffer): Promise<Answer> {
    const input = JSON.parse(body.toString()) as TableInput;
    count(`dynamodb: ${operation}`);
    const written = keysWritten(operation, input);
    const before = await Promise.all(written.map(itemOf));
    const asked = { ...input, ReturnConsumedCapacity: 'TOTAL' };
    const answer = await forward(request, Buffer.from(JSON.stringify(asked)));
    const failed = answer.status !== 200;
    for (const [i, key] of written.entries()) {
      // A condition that does not hold is charged for as well: for the item that it was held against.
      const after = failed ? before[i] : await itemOf(key);
      const { table, indexes } = writeUnits(SCHEMAS.get(schemaName(key.TableName))!, before[i], after);
      counted.writeUnits += table;
      counted.indexWriteUnits += indexes;
    }
    if (written.length === 0 && !failed) counted.readUnits += unitsIn(answer);
    return answer;
  }

  async function object(request: IncomingMessage, body: Buffer): Promise<Answer> {
    const answer = await forward(request, body);
    const { method = '', url = '' } = request;
    const isListing = new URL(url, 'http://s3').searchParams.has('versions');
    count(`s3: ${isListing ? 'ListObjectVersions' : `${method.charAt(0)}${method.slice(1).toLowerCase()}Object`}`);
    if (isListing) return answer;
    counted.s3Read += answer.bytes.length;
    counted.s3Written += body.length;
    return answer;
  }

  async function forward({ method = 'GET', url = '', headers }: IncomingMessage, body: Buffer): Promise<Answer> {
    const kept = Object.entries(headers).filter(([name]) => !OF_CONNECTION.has(name));
    const reply = await fetch(endpoint + url, {
      method,
      headers: Object.fromEntries(kept) as Record<string, string>,
      ...(body.length > 0 && { body: new Uint8Array(body) }),
    });
    const bytes = Buffer.from(await reply.arrayBuffer());
    const told = [...reply.headers].filter(([name]) => TOLD.has(name));
    return { status: reply.status, headers: Object.fromEntries(told), bytes };
  }

  function schemaName(TableName: string): string {
    return tableNames.get(TableName) ?? TableName;
  }

  /** The tables' client gives values as they are, and a request has them with their types. */
  async function itemOf({ TableName, Key }: Written): Promise<Item | undefined> {
    const { Item } = await tables.get({ TableName, Key, ConsistentRead: true });
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

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take: (): Counted => {
      const taken = counted;
      counted = nothing();
      return taken;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Headers that are of one connection, and no more of the next; and those of an answer that a client reads. */
const OF_CONNECTION = new Set(['host', 'connection', 'content-length', 'expect', 'transfer-encoding']);
const TOLD = new Set(['content-type', 'last-modified', 'etag', 'content-range', 'x-amz-version-id']);

type Answer = { status: number; headers: Record<string, string>; bytes: Buffer };
type Marshalled = Record<string, Record<string, unknown>>;
type BatchWrite = { PutRequest?: { Item: Marshalled }; DeleteRequest?: { Key: Marshalled } };
type TableInput = {
  TableName?: string;
  Key?: Marshalled;
  Item?: Marshalled;
  RequestItems?: Record<string, BatchWrite[]>;
};
type Written = { TableName: string; Key: Record<string, string> };

function nothing(): Counted {
  return { calls: {}, callers: {}, readUnits: 0, writeUnits: 0, indexWriteUnits: 0, s3Read: 0, s3Written: 0 };
}

/** What a read has consumed, of one table or of several. */
function unitsIn({ bytes }: Answer): number {
  type Capacity = { CapacityUnits: number };
  const { ConsumedCapacity = [] } = JSON.parse(bytes.toString()) as { ConsumedCapacity?: Capacity | Capacity[] };
  return sum([ConsumedCapacity].flat().map(({ CapacityUnits }) => CapacityUnits));
}
