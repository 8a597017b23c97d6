import { isDeepStrictEqual } from 'node:util';
import { sum } from 'simple-statistics';
import { readTable } from '../local/stack/service.ts';
import { LEDGER_TABLE, METRICS_TABLE } from '../local/tables/tables.ts';

/**
 * What DynamoDB charges for, from the sizes of items, as its guide has it:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html (items),
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html (units),
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes (indexes)
 */

export type Item = Readonly<Record<string, unknown>>;

type Index = { keys: string[]; kept: ReadonlySet<string> | 'all' };
type Schema = { keys: string[]; indexes: readonly Index[] };

const WRITE_UNIT_BYTES = 1024;

/** An item's names in UTF-8 and its values. */
export function itemBytes(item: Item): number {
  return sum(Object.entries(item).map(([name, value]) => Buffer.byteLength(name) + valueBytes(value)));
}

function valueBytes(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return numberBytes(value);
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + 1 + valueBytes(one), 3);
  if (typeof value !== 'object' || value === null) return 1; // a Boolean or nothing
  return 3 + Object.entries(value).length + itemBytes(value as Item);
}

/** A byte for each two significant digits, one more, and another one where it is below zero. */
function numberBytes(value: number): number {
  const [mantissa = ''] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '').replace(/0+$/, '').length;
  return Math.min(21, Math.ceil(digits / 2) + 1 + (value < 0 ? 1 : 0));
}

/** The tables that deploy, by the names that they have on a laptop. */
export const SCHEMAS: ReadonlyMap<string, Schema> = new Map([
  [LEDGER_TABLE, readSchema('LedgerTable')],
  [METRICS_TABLE, readSchema('MetricsTable')],
]);

/** Write units of a table and of its indexes, for an item that was there before and is there afterwards. */
export function writeUnits(
  { indexes }: Schema,
  before: Item | undefined,
  after: Item | undefined,
): { table: number; indexes: number } {
  const ofIndexes = indexes.map((index) => indexWriteUnits(index, before, after));
  return { table: Math.max(units(before ?? {}), units(after ?? {})), indexes: sum(ofIndexes) };
}

/** DynamoDB stores so many bytes with each item, and with each entry of an index. */
const OVERHEAD_BYTES = 100;

/** What an item takes to be kept: in its table, and in all indexes that have an entry for it. */
export function storedBytes({ indexes }: Schema, item: Item): { table: number; indexes: number } {
  const entries = indexes.map((index) => entryOf(index, item)).filter((entry) => entry !== undefined);
  return {
    table: itemBytes(item) + OVERHEAD_BYTES,
    indexes: sum(entries.map((entry) => itemBytes(entry) + OVERHEAD_BYTES)),
  };
}

/** One for an entry that comes, goes or changes; two where its key changes; none where nothing changes that it keeps. */
function indexWriteUnits(index: Index, before: Item | undefined, after: Item | undefined): number {
  const [old, young] = [entryOf(index, before), entryOf(index, after)];
  if (old === undefined || young === undefined) {
    const only = old ?? young;
    return only === undefined ? 0 : units(only);
  }
  if (index.keys.some((key) => old[key] !== young[key])) return units(old) + units(young);
  if (isDeepStrictEqual(old, young)) return 0;
  return Math.max(units(old), units(young));
}

/** What an index keeps of an item; nothing where the item has not all of its keys. */
function entryOf({ keys, kept }: Index, item: Item | undefined): Item | undefined {
  if (item === undefined || keys.some((key) => item[key] === undefined)) return undefined;
  return kept === 'all' ? item : Object.fromEntries(Object.entries(item).filter(([name]) => kept.has(name)));
}

function units(item: Item): number {
  return Math.max(1, Math.ceil(itemBytes(item) / WRITE_UNIT_BYTES));
}

type KeySchema = { AttributeName: string }[];
type GlobalIndex = { KeySchema: KeySchema; Projection: { ProjectionType: string; NonKeyAttributes?: string[] } };

function readSchema(logicalId: string): Schema {
  const { KeySchema, GlobalSecondaryIndexes = [] } = readTable(logicalId) as unknown as {
    KeySchema: KeySchema;
    GlobalSecondaryIndexes?: GlobalIndex[];
  };
  const keys = KeySchema.map(({ AttributeName }) => AttributeName);
  const indexes = GlobalSecondaryIndexes.map(({ KeySchema, Projection }): Index => {
    const own = KeySchema.map(({ AttributeName }) => AttributeName);
    const kept = new Set([...keys, ...own, ...(Projection.NonKeyAttributes ?? [])]);
    return { keys: own, kept: Projection.ProjectionType === 'ALL' ? 'all' : kept };
  });
  return { keys, indexes };
}
