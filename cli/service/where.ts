import { relative } from 'node:path';

export { commandFor, DATA_DIR, quoted } from '../../core/base/text/commandFor.ts';

/** Selects the embedded stack by its data folder, or a deployed stage. */
export type Where = { dataDir: string; stage?: string; region?: string; profile?: string; json?: boolean };

/** A path relative to the working folder, if it is inside; otherwise the path itself. */
export function pathFromHere(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}
