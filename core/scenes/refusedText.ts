import type { Refused } from './refusals.ts';

/** What was refused, in a sentence: how many, and why the first was. */
export function refusedText({ count, first }: Refused): string {
  const [one] = first;
  const chips = count === 1 ? '1 chip could not be read' : `${count} chips could not be read`;
  return one === undefined ? `${chips}.` : `${chips}${count === 1 ? '' : ', the first'}: ${one.message}`;
}
