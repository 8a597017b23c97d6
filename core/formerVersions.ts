import type { SceneRef } from './messages.ts';

/** A version that lay under the same key before another one; its content's SHA-256, where the store knows it. */
export type FormerVersion = { scene: SceneRef; size: number; digest?: string };

/** A copy that pauses for longer than this is taken for a file that was written over. */
const REPLACED_WITHIN_MILLISECONDS = 3_600_000;
/** A copy with more pauses than this is none that anybody knows. */
const MOST_FORMER = 20;

/**
 * Versions that may be unfinished copies of the one that came at `arrived`: each was replaced by the next one within the hour.
 *
 * @param before those under the same key that came before it, the newest first
 */
export function replacedSoon<Version extends { arrived: Date }>(before: readonly Version[], arrived: Date): Version[] {
  const found: Version[] = [];
  let next = arrived;
  for (const version of before.slice(0, MOST_FORMER)) {
    if (next.getTime() - version.arrived.getTime() > REPLACED_WITHIN_MILLISECONDS) break;
    found.push(version);
    next = version.arrived;
  }
  return found;
}
