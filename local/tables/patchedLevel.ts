import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { inOneTurn } from '../stack/inOneTurn.ts';

/** The database below dynalite, as far as it is used here: https://github.com/Level/abstract-level */
type Database = {
  status: string;
  getSync: (key: unknown) => unknown;
  batch: (writes: readonly Write[]) => Promise<void>;
};
type Write = { type: 'put'; key: unknown; value: unknown };
/** Until it is closed, it holds a snapshot and the rows read ahead. */
type LevelIterator = { close: () => Promise<void>; return?: () => Promise<void> };
type Methods = Record<'keys' | 'values', (this: unknown, options: unknown) => LevelIterator> & {
  get: (this: Database, key: unknown, ...options: unknown[]) => Promise<unknown>;
  put: (this: Database, key: unknown, value: unknown, ...options: unknown[]) => Promise<unknown>;
};

/** The database's class, as dynalite has it: who imports this file changes it, in two ways. */
export const { Level } = createRequire(fileURLToPath(import.meta.resolve('dynalite')))('level') as {
  Level: { prototype: Methods };
};

/** Iterators of queries and scans are closed: dynalite ends them with `return`, which level 10 lacks, and they keep 50 KB each. */
for (const name of ['keys', 'values'] as const) {
  const make = Level.prototype[name];
  Level.prototype[name] = function (options) {
    const iterator = make.call(this, options);
    iterator.return ??= () => iterator.close();
    return iterator;
  };
}

/**
 * Rows are read synchronously, and written together within a turn: another thread would take ten times as long.
 * A row is still written after its entries, as dynalite waits for those.
 */
const { get, put } = Level.prototype;
Level.prototype.get = async function (key, ...options) {
  return this.status === 'open' && options.length === 0 ? this.getSync(key) : get.call(this, key, ...options);
};
Level.prototype.put = function (key, value, ...options) {
  return options.length === 0 ? inThisTurn(this, { type: 'put', key, value }) : put.call(this, key, value, ...options);
};

const writers = new WeakMap<Database, (write: Write) => Promise<unknown>>();

/** Resolves when all that was written within the turn is there; all of it fails together. */
function inThisTurn(database: Database, write: Write): Promise<unknown> {
  const writer = writers.get(database) ?? inOneTurn((writes: Write[]) => database.batch(writes));
  writers.set(database, writer);
  return writer(write);
}
