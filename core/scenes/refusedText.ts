import type { Refused } from './refusals.ts';

/** Returns a sentence that says how many chips were refused, and why the first was. */
export function refusedText({ count, first }: Refused): string {
  const [one] = first;
  const chips = count === 1 ? '1 chip could not be read' : `${count} chips could not be read`;
  return one === undefined ? `${chips}.` : `${chips}${count === 1 ? '' : ', the first'}: ${one.message}`;
}
