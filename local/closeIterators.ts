import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** An iterator of the database below dynalite: it holds a snapshot, and what it has read ahead, until it is closed. */
type LevelIterator = { close: () => Promise<void>; return?: () => Promise<void> };
type LevelClass = { prototype: Record<'keys' | 'values', (options: unknown) => LevelIterator> };

/** The database's class, as dynalite has it. */
export const { Level } = createRequire(fileURLToPath(import.meta.resolve('dynalite')))('level') as {
  Level: LevelClass;
};

let isDone = false;

/**
 * Makes the tables let go of what a query or a scan has read. dynalite 4.0 ends its iterators by `return`, which those of
 * level 10 do not have; they stay open then, with some 50 KB each, for as long as the process lives.
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
