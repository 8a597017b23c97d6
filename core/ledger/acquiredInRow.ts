import { type Acquired, TIME_SOURCES, type TimeTold } from '../base/time/acquired.ts';
import { DAY_MILLISECONDS } from '../base/time/days.ts';
import { instantIn } from '../base/time/instant.ts';
import { timeInKey } from '../base/time/timeInKey.ts';
import { doorOf } from './doorOf.ts';

export type AcquisitionPorts = { readonly acquisitionTimePattern: string; readonly now: () => Date };

/**
 * Returns what a run's row keeps of when its scene was acquired: the time of the most trusted source that has one; if none has, what the first of them
 * has instead, because a time that cannot be read must not lose a scene. Never when the file arrived. Only files have keys of their senders'.
 */
export function acquiredInRow(
  { key }: { readonly key: string },
  told: readonly TimeTold[] = [],
  { acquisitionTimePattern: pattern, now }: AcquisitionPorts,
): { acquired?: Acquired } {
  const latest = now().getTime() + DAY_MILLISECONDS; // a zone that is not stated may be 14 hours ahead of UTC
  const inKey = pattern === '' || doorOf({ key }) !== 'file' ? null : timeInKey(key, pattern, latest);
  const all = inKey === null ? told : [...told, { by: 'key', start: inKey } as const];
  const stated = all.filter(({ start }) => /[1-9]/.test(start)); // cameras without a clock write zeros
  const trusted = stated.toSorted((a, b) => TIME_SOURCES.indexOf(a.by) - TIME_SOURCES.indexOf(b.by));
  for (const { by, start, end } of trusted) {
    const at = instantIn(start, latest);
    const until = end ? instantIn(end, Number.POSITIVE_INFINITY) : at;
    if (at !== null && until !== null && at <= until) return { acquired: { at, ...(end && { until }), by } };
  }
  const [first] = trusted;
  if (first === undefined) return {};
  const found = [first.start, first.end].filter(Boolean).join(' to ').slice(0, 60).toWellFormed(); // a row is billed by its size
  return { acquired: { at: null, by: first.by, found } };
}
