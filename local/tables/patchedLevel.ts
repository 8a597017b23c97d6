import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freeBytes } from '../buckets/folderBucket.ts';
import { inOneTurn } from '../stack/inOneTurn.ts';

/** The database below dynalite, as far as it is used here: https://github.com/Level/abstract-level */
type Database = {
  status: string;
  getSync: (key: unknown) => unknown;
  batch: (writes: readonly Write[]) => Promise<void>;
  location: string;
  compactRange: (from: string, to: string) => Promise<void>;
  open: () => Promise<void>;
  close: () => Promise<void>;
};
type Write = { type: 'put'; key: unknown; value: unknown } | { type: 'del'; key: unknown };
/** Until it is closed, it holds a snapshot and the rows read ahead. */
type LevelIterator = { close: () => Promise<void>; return?: () => Promise<void> };
type Methods = Record<'keys' | 'values', (this: unknown, options: unknown) => LevelIterator> & {
  get: (this: Database, key: unknown, ...options: unknown[]) => Promise<unknown>;
  put: (this: Database, key: unknown, value: unknown, ...options: unknown[]) => Promise<unknown>;
  del: (this: Database, key: unknown, ...options: unknown[]) => Promise<unknown>;
  batch: (this: Database, ...given: unknown[]) => Promise<void>;
};

/** The database's class, as dynalite has it: who imports this file changes it, in three ways. */
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
const { get, put, del, batch } = Level.prototype;
Level.prototype.get = async function (key, ...options) {
  return this.status === 'open' && options.length === 0 ? this.getSync(key) : get.call(this, key, ...options);
};
Level.prototype.put = function (key, value, ...options) {
  return options.length === 0 ? inThisTurn(this, { type: 'put', key, value }) : put.call(this, key, value, ...options);
};
Level.prototype.del = function (key, ...options) {
  return options.length === 0 ? inThisTurn(this, { type: 'del', key }) : del.call(this, key, ...options);
};

const writers = new WeakMap<Database, (write: Write) => Promise<unknown>>();

/** Resolves when all that was written within the turn is there; all of it fails together. */
function inThisTurn(database: Database, write: Write): Promise<unknown> {
  const writer = writers.get(database) ?? inOneTurn((writes: Write[]) => database.batch(writes));
  writers.set(database, writer);
  return writer(write);
}

/** The folders of databases that wait while the disk is full, and who hears of it. Other ones' writes fail, which ends the process. */
export const waitForRoom = new Map<string, (error: Error) => void>();
const ROOM_BYTES = 1 << 23; // 8 MiB: twice what LevelDB gathers before it writes a file
const rooms = new WeakMap<Database, Promise<void>>();
Level.prototype.batch = async function (...given) {
  await rooms.get(this);
  return batch.apply(this, given).catch((error: Error) => {
    const tell = waitForRoom.get(this.location);
    if (tell === undefined || !error.message.includes('No space left') || hasRoom(this)) throw error;
    if (!rooms.has(this)) tell(new Error(`the disk is full (${error.message}): the ledger waits for 8 MiB of room.`));
    rooms.set(this, rooms.get(this) ?? makeRoom(this));
    return Level.prototype.batch.apply(this, given);
  });
};

const hasRoom = ({ location }: Database): boolean => (freeBytes(location) ?? ROOM_BYTES) >= ROOM_BYTES;

/** What LevelDB appends to its log behind a write that failed is lost with the process: a compaction begins another log. One that has failed itself fails until the next open. */
async function makeRoom(database: Database): Promise<void> {
  while (waitForRoom.has(database.location) && !hasRoom(database)) await pause(1000);
  const begun = database.compactRange('\0', '\0').then(() => batch.call(database, [{ type: 'del', key: '\0' }]));
  await begun.catch(() => database.close().then(() => database.open())).finally(() => rooms.delete(database));
}
