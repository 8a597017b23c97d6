import type { Answered } from './task.ts';

/** Processors differ in the order of additions. For numbers beyond 1 this is relative. */
const TOLERANCE = 1e-4;

type Value = Answered | Answered[string] | undefined;

/** Returns how a prediction differs from the stored one, or null if they agree up to the last digits. */
export function compareSample(found: Value, stored: Value, where = 'prediction'): string | null {
  if (typeof found === 'number' && typeof stored === 'number')
    return Math.abs(found - stored) <= TOLERANCE * Math.max(1, Math.abs(stored)) ? null : said(where, found, stored);
  if (!isObject(found) || !isObject(stored))
    return JSON.stringify(found) === JSON.stringify(stored) ? null : said(where, found, stored);
  for (const name of new Set([...Object.keys(stored), ...Object.keys(found)])) {
    const difference = compareSample(found[name], stored[name], `${where}.${name}`);
    if (difference !== null) return difference;
  }
  return null;
}

const isObject = (value: unknown): value is Answered =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function said(where: string, found: unknown, stored: unknown): string {
  const [now, then] = [found, stored].map((value) => (value === undefined ? 'nothing' : JSON.stringify(value)));
  return `${where}: found ${now}, stored is ${then}`;
}
