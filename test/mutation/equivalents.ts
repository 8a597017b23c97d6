import { readFileSync } from 'node:fs';

/**
 * A change that changes nothing which anybody could notice, and why. It is not tried, and the score is that of the others.
 * It is known by its file, the line that it is made in and what it is, as a run prints it.
 */
export type Equivalent = { file: string; code: string; change: string; why: string };

/** Those of the list beside this file. */
export function readEquivalents(): Equivalent[] {
  return JSON.parse(readFileSync(new URL('./equivalents.json', import.meta.url), 'utf8'));
}
