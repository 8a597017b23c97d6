import type { Refused } from './refusals.ts';

/** Returns a sentence that says how many chips were refused, and why the first was. */
export function refusedText({ count, first }: Refused): string {
  const [one] = first;
  const chips = count === 1 ? '1 chip could not be read' : `${count} chips could not be read`;
  return one === undefined ? `${chips}.` : `${chips}${count === 1 ? '' : ', the first'}: ${one.message}`;
}

type Warned = {
  readonly chips?: number | undefined;
  readonly warned?: number | undefined;
  readonly warnings?: readonly string[] | undefined;
};

/** Returns what was done to a file's pictures before they were classified, with their number if it has several chips. */
export function warningsText({ chips, warned, warnings }: Warned): string {
  const which = chips === 1 ? '' : `${warned} of its ${chips} chips: `;
  return which + (warnings ?? []).join(' ');
}
