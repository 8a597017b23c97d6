import type { Answered } from '../tasks/task.ts';

/** Another processor adds up in another order. Of numbers beyond 1 it is a share. */
const TOLERANCE = 1e-4;

/** Says in what a prediction differs from the stored one: null where it is the same, but for the last digits of its numbers. */
export function compareSample(found: Answered, stored: Answered): string | null {
  return differenceIn('prediction', found, stored);
}

type Value = Answered[string] | undefined;

function differenceIn(where: string, found: Value | Answered, stored: Value | Answered): string | null {
  if (typeof found === 'number' && typeof stored === 'number')
    return Math.abs(found - stored) <= TOLERANCE * Math.max(1, Math.abs(stored)) ? null : said(where, found, stored);
  if (!isObject(found) || !isObject(stored))
    return JSON.stringify(found) === JSON.stringify(stored) ? null : said(where, found, stored);
  for (const name of new Set([...Object.keys(stored), ...Object.keys(found)])) {
    const difference = differenceIn(`${where}.${name}`, found[name], stored[name]);
    if (difference !== null) return difference;
  }
  return null;
}

function isObject(value: unknown): value is Answered {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function said(where: string, found: unknown, stored: unknown): string {
  const [now, then] = [found, stored].map((value) => (value === undefined ? 'nothing' : JSON.stringify(value)));
  return `${where}: found ${now}, stored is ${then}`;
}
