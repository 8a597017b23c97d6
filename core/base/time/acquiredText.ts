import type { Acquired } from './acquired.ts';

export function acquiredText({ at, until, by, found }: Acquired): string {
  if (at === null) return `not known: ${by} says ${JSON.stringify(found)}, which is no time from 1900 until now`;
  return `${at}${until === undefined ? '' : ` to ${until}`}, by ${by}`;
}
