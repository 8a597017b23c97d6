import { ConditionalCheckFailedException, DynamoDBClient, DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocument } from '@aws-sdk/lib-dynamodb';
import { readTable } from '../../local/stack/service.ts';
import { FEATURES_TABLE, LEDGER_TABLE, METRICS_TABLE } from '../../local/tables/tables.ts';
import { type Expressions, type Item, order, parse } from './expressions.ts';

/**
 * DynamoDB in memory, without a request, a time or a thread: the same tables, keys and indexes as deploy, behind the
 * document client that the ledger is written for. ./table.test.ts holds it against dynalite.
 */

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MAX_ITEM_BYTES = 400 * 1024;
const MAX_PAGE_BYTES = 1024 * 1024;

type Index = { hash: string; range: string | undefined; kept: Set<string> | undefined };
type Schema = { keys: Index; indexes: Map<string, Index>; indexed: Set<string> };

/** An item that was written: as it was before and as it is now; `undefined` where there is none. */
export type Written = { table: string; before: Item | undefined; after: Item | undefined };

/** More than are written within the time that an index is behind. */
const RECENT = 500;

type Input = Expressions & {
  TableName: string;
  Key?: Item;
  Keys?: Item[];
  Item?: Item;
  IndexName?: string;
  ReturnValues?: string;
  ScanIndexForward?: boolean;
  ConsistentRead?: boolean;
  Select?: string;
  Limit?: number;
  ExclusiveStartKey?: Item;
};

const schemas: ReadonlyMap<string, Schema> = new Map(
  [
    [LEDGER_TABLE, 'LedgerTable'] as const,
    [METRICS_TABLE, 'MetricsTable'] as const,
    [FEATURES_TABLE, 'FeaturesTable'] as const,
  ].map(([table, logicalId]) => [table, readSchema(logicalId)]),
);

export type TableStore = ReturnType<typeof makeTableStore>;

export type TableOptions = {
  /** Hears of every item that was written. */
  onWrite?: (written: Written) => void;
  now?: () => number;
  /** So many milliseconds an index, or a read by keys that does not ask for what there is now, is behind its table, each time. */
  lag?: () => number;
};

/** Some tables that all clients share. */
export function makeTableStore({ onWrite = () => {}, now = () => 0, lag = () => 0 }: TableOptions = {}) {
  /** What was written last, the latest at the end, as far as an index may not know of it. */
  const recent: (Written & { id: string; at: number })[] = [];
  const written = (one: Written & { id: string }) => {
    recent.push({ ...one, at: now() });
    if (recent.length > RECENT) recent.shift();
    onWrite(one);
  };
  const tables = new Map([...schemas.keys()].map((name) => [name, new Map<string, Item>()] as const));

  const actions: Record<string, (input: Input, schema: Schema, items: Map<string, Item>) => unknown> = {
    GetCommand: ({ Key, ...input }, schema, items) => {
      parse(input);
      const found = items.get(idOf(checkedKey(Key, schema), schema));
      return found === undefined ? {} : { Item: copy(found) };
    },
    // No page is full, and nothing is left over.
    BatchGetCommand: ({ Keys = [], TableName, ...input }, schema, items) => {
      parse(input);
      const shown = input.ConsistentRead === true ? items : itemsBefore(now() - lag(), TableName, items);
      const found = Keys.map((Key) => shown.get(idOf(checkedKey(Key, schema), schema)));
      return { Responses: { [TableName]: found.flatMap((item) => (item === undefined ? [] : [copy(item)])) } };
    },
    PutCommand: ({ Item = {}, ...input }, schema, items) => {
      const item = stored(Item);
      checkItem(item, schema);
      replace(input, idOf(item, schema), item, items);
      return {};
    },
    UpdateCommand: ({ Key, ...input }, schema, items) => {
      const key = checkedKey(Key, schema);
      const id = idOf(key, schema);
      const { update, matches } = parseOf(input);
      const before = items.get(id);
      if (!matches(before ?? {})) throw conditionFailed();
      const item = before === undefined ? key : copy(before);
      update(item);
      const after = copy(item);
      checkItem(after, schema);
      if (idOf(after, schema) !== id) throw invalid('This attribute is part of the key.');
      items.set(id, after);
      written({ table: input.TableName, id, before, after });
      return input.ReturnValues === 'ALL_NEW' ? { Attributes: copy(after) } : {};
    },
    DeleteCommand: ({ Key, ...input }, schema, items) => {
      replace(input, idOf(checkedKey(Key, schema), schema), undefined, items);
      return {};
    },
    QueryCommand: (input, schema, items) =>
      query(input, schema, input.IndexName === undefined ? items : itemsBefore(now() - lag(), input.TableName, items)),
  };

  /** The items as they were at some time. */
  function itemsBefore(time: number, table: string, items: Map<string, Item>): Map<string, Item> {
    const later = recent.filter((one) => one.at > time && one.table === table);
    if (later.length === 0) return items;
    const then = new Map(items);
    for (const { id, before } of later.reverse())
      if (before === undefined) then.delete(id);
      else then.set(id, before);
    return then;
  }

  function replace(input: Input, id: string, after: Item | undefined, items: Map<string, Item>): void {
    const before = items.get(id);
    if (!parseOf(input).matches(before ?? {})) throw conditionFailed();
    if (after === undefined) items.delete(id);
    else items.set(id, after);
    written({ table: input.TableName, id, before, after });
  }

  return {
    /** Does what a command of the document client asks for, at once. */
    act: (command: string, input: unknown): unknown => {
      const action = actions[command];
      const { TableName } = input as Input;
      const [schema, items] = [schemas.get(TableName), tables.get(TableName)];
      if (action === undefined) throw new Error(`the table in memory: found ${command}, which it does not know`);
      if (schema === undefined || items === undefined) throw invalid(`There is no table ${TableName}.`);
      return action(input as Input, schema, items);
    },
    /** What a table holds, to look at. */
    items: (table: string): Item[] => [...tables.get(table)!.values()],
  };
}

/** The document client of some caller: whatever it sends comes by `call`, which may delay, refuse or do it. */
export class TableClient extends DynamoDBDocument {
  readonly #call: (command: string, input: unknown) => Promise<unknown>;

  constructor(call: (command: string, input: unknown) => Promise<unknown>) {
    super(neverAsked);
    this.#call = call;
  }

  // biome-ignore lint/suspicious/noExplicitAny: the client's own signature has one overload a command
  override send(command: any): any {
    return this.#call(command.constructor.name, command.input);
  }
}

/** The document client wants one; it is never sent anything. */
const neverAsked = new DynamoDBClient({ region: 'us-east-1', credentials: { accessKeyId: '-', secretAccessKey: '-' } });

function query(input: Input, schema: Schema, items: Map<string, Item>) {
  const { IndexName, Limit, ExclusiveStartKey, ScanIndexForward = true, Select } = input;
  const index = IndexName === undefined ? schema.keys : schema.indexes.get(IndexName);
  if (index === undefined) throw invalid(`The table does not have the specified index: ${IndexName}`);
  if (IndexName !== undefined && input.ConsistentRead === true)
    throw invalid('Consistent reads are not supported on global secondary indexes');
  const { matchesKey, keys, projected } = parseOf(input);
  const [range] = [...keys.names].filter((name) => name !== index.hash);
  if (!keys.equal.has(index.hash) || (range !== undefined && range !== index.range))
    throw invalid('Query key condition not supported');
  if (ExclusiveStartKey !== undefined && keysOf(schema, index).some((name) => !isKey(ExclusiveStartKey[name])))
    throw invalid('The provided starting key is invalid');
  const place = (item: Item) => [index.range === undefined ? '' : item[index.range], idOf(item, schema)] as const;
  const compare = (one: Item, other: Item) => {
    const [left, right] = [place(one), place(other)];
    return (order(left[0], right[0]) || order(left[1], right[1])) * (ScanIndexForward ? 1 : -1);
  };
  const found = [...items.values()]
    .filter((item) => item[index.hash] !== undefined && (index.range === undefined || item[index.range] !== undefined))
    .filter(matchesKey)
    .filter((item) => ExclusiveStartKey === undefined || compare(item, ExclusiveStartKey) > 0)
    .sort(compare);
  const page = found.slice(0, Limit);
  if (page.reduce((sum, item) => sum + bytesOf(item), 0) > MAX_PAGE_BYTES)
    throw new Error('the table in memory: found a page of more than 1 MB, which it does not cut');
  const last = page.length === Limit ? page.at(-1) : undefined;
  const shown = page.map((item) => {
    const kept = index.kept === undefined ? item : pick(item, index.kept);
    return copy(projected === undefined ? kept : pick(kept, new Set(projected)));
  });
  return {
    Count: page.length,
    ...(Select !== 'COUNT' && { Items: shown }),
    ...(last && { LastEvaluatedKey: pick(last, new Set(keysOf(schema, index))) }),
  };
}

/** What a place in an index is known by. */
function keysOf({ keys }: Schema, index: Index): string[] {
  return [...namesOf(keys), ...namesOf(index)];
}

function namesOf({ hash, range }: Index): string[] {
  return range === undefined ? [hash] : [hash, range];
}

function pick(item: Item, names: ReadonlySet<string>): Item {
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)));
}

function idOf(item: Item, { keys }: Schema): string {
  return namesOf(keys)
    .map((name) => item[name])
    .join('\u0000');
}

function checkedKey(key: Item | undefined, { keys }: Schema): Item {
  const names = namesOf(keys);
  if (key === undefined || Object.keys(key).length !== names.length || names.some((name) => !isKey(key[name])))
    throw invalid('The provided key element does not match the schema');
  return stored(key);
}

function checkItem(item: Item, { keys, indexed }: Schema): void {
  for (const name of namesOf(keys))
    if (!isKey(item[name]))
      throw invalid(`One or more parameter values were invalid: Missing the key ${name} in the item`);
  for (const name of indexed)
    if (name in item && !isKey(item[name]))
      throw invalid(`One or more parameter values were invalid: Type mismatch for Index Key ${name}`);
  if (bytesOf(item) > MAX_ITEM_BYTES) throw invalid('Item size has exceeded the maximum allowed size');
}

/** All keys of the service are texts. */
function isKey(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function bytesOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return 21;
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + 1 + bytesOf(one), 3);
  if (typeof value !== 'object' || value === null) return 1;
  let sum = 3;
  for (const [name, one] of Object.entries(value)) sum += Buffer.byteLength(name) + 1 + bytesOf(one);
  return sum;
}

function parseOf({ ExpressionAttributeValues: values, ...input }: Input) {
  try {
    return parse({ ...input, ...(values && { ExpressionAttributeValues: stored(values) }) });
  } catch (error) {
    throw invalid((error as Error).message);
  }
}

/** What the document client makes of an item: undefined attributes are left out, what is no plain data is refused. */
function stored(item: Readonly<Item>): Item {
  return copy(item) as Item;
}

function copy<Value>(value: Value): Value;
function copy(value: unknown): unknown {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error(`Special numeric value ${value} is not allowed`);
    if (value !== 0 && Math.abs(value) < 1e-130) throw invalid('Number underflow.');
    return value;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.filter((one) => one !== undefined).map(copy);
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new Error(
      `Unsupported type passed: ${prototype.constructor.name}. Pass options.convertClassInstanceToMap=true`,
    );
  const result: Item = {};
  for (const name in value) {
    const one = (value as Item)[name];
    if (one !== undefined) result[name] = copy(one);
  }
  return result;
}

function conditionFailed(): ConditionalCheckFailedException {
  return new ConditionalCheckFailedException({ $metadata: {}, message: 'The conditional request failed' });
}

function invalid(message: string): DynamoDBServiceException {
  return new DynamoDBServiceException({ name: 'ValidationException', $fault: 'client', $metadata: {}, message });
}

type KeySchema = { AttributeName: string; KeyType: string }[];

function readSchema(logicalId: string): Schema {
  const { KeySchema, GlobalSecondaryIndexes = [] } = readTable(logicalId) as unknown as {
    KeySchema: KeySchema;
    GlobalSecondaryIndexes?: {
      IndexName: string;
      KeySchema: KeySchema;
      Projection: { ProjectionType: string; NonKeyAttributes?: string[] };
    }[];
  };
  const keys = keysIn(KeySchema);
  const indexes = GlobalSecondaryIndexes.map(({ IndexName, KeySchema, Projection }) => {
    const index = keysIn(KeySchema);
    const always = [...namesOf(keys), ...namesOf(index), ...(Projection.NonKeyAttributes ?? [])];
    return [IndexName, { ...index, kept: Projection.ProjectionType === 'ALL' ? undefined : new Set(always) }] as const;
  });
  return { keys, indexes: new Map(indexes), indexed: new Set(indexes.flatMap(([, index]) => namesOf(index))) };
}

function keysIn(schema: KeySchema): Index {
  const [hash, range] = schema.map(({ AttributeName }) => AttributeName);
  return { hash: hash!, range, kept: undefined };
}
