import type { FeatureValue } from './contract.ts';

/** A table's cell as a feature. Whole numbers that JSON would round are texts; lists and structures are no features. */
export function featureValue(cell: unknown): FeatureValue {
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'boolean') return Number(cell);
  if (typeof cell === 'bigint') return Number.isSafeInteger(Number(cell)) ? Number(cell) : String(cell);
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : null;
  return cell instanceof Date ? cell.toISOString() : null;
}

/** Returns about how much memory a record's values take, in bytes. */
export const bytesOf = (values: Readonly<Record<string, FeatureValue>>): number =>
  Object.values(values).reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 8), 0);
