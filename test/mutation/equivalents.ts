/**
 * Changes that change nothing which anybody could notice, each with its reason. They are not tried, and the score is that of
 * the others. One is known by its file, the line that it is made in and what it is, as a run prints it.
 */
export type Equivalent = { file: string; code: string; change: string; why: string };

export const EQUIVALENTS: readonly Equivalent[] = [];
