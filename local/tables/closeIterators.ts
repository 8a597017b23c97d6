import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** An iterator of the database below dynalite: until it is closed, it holds a snapshot and the rows read ahead. */
type LevelIterator = { close: () => Promise<void>; return?: () => Promise<void> };
type LevelClass = { prototype: Record<'keys' | 'values', (options: unknown) => LevelIterator> };

/** The database's class, as dynalite has it. */
export const { Level } = createRequire(fileURLToPath(import.meta.resolve('dynalite')))('level') as {
  Level: LevelClass;
};

let isDone = false;

/**
 * Closes the iterators of queries and scans. dynalite 4.0 ends its iterators with `return`, which those of level 10 do not have,
 * so they would stay open, with some 50 KB each, for the life of the process.
 */
export function closeIterators(): void {
  if (isDone) return;
  isDone = true;
  for (const name of ['keys', 'values'] as const) {
    const make = Level.prototype[name];
    Level.prototype[name] = function (this: unknown, options) {
      const iterator = make.call(this, options);
      iterator.return ??= () => iterator.close();
      return iterator;
    };
  }
}
