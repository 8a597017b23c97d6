import { Level } from './closeIterators.ts';

type Write = { type: 'put'; key: unknown; value: unknown } | { type: 'del'; key: unknown };
/** The database below dynalite, as far as it is used here: https://github.com/Level/abstract-level */
type Database = {
  status: string;
  getSync: (key: unknown) => unknown;
  batch: (writes: readonly Write[]) => Promise<void>;
};
type Own = {
  get: (this: Database, key: unknown, ...options: unknown[]) => Promise<unknown>;
  put: (this: Database, key: unknown, value: unknown, ...options: unknown[]) => Promise<void>;
};

/** What is to be written at the end of this turn of the event loop, and when it is. */
const coming = new WeakMap<Database, { writes: Write[]; written: Promise<void> }>();
let isDone = false;

/**
 * Makes the tables read synchronously, and write together what they write within one turn. A read or write of a row or index entry
 * takes a few microseconds; handing each to another thread would take ten times as long. A row with its three entries is two reads
 * and four writes. A row is still written after its entries, as dynalite waits for those.
 */
export function readAndWriteInTurns(): void {
  if (isDone) return;
  isDone = true;
  const own = Level.prototype as unknown as Own;
  const { get, put } = own;
  own.get = async function (key, ...options) {
    return this.status === 'open' && options.length === 0 ? this.getSync(key) : get.call(this, key, ...options);
  };
  own.put = function (key, value, ...options) {
    return options.length === 0
      ? inThisTurn(this, { type: 'put', key, value })
      : put.call(this, key, value, ...options);
  };
}

/** Resolves when all that was written within the turn is there; all of it fails together. */
function inThisTurn(database: Database, write: Write): Promise<void> {
  const others = coming.get(database);
  if (others !== undefined) {
    others.writes.push(write);
    return others.written;
  }
  const writes = [write];
  const written = new Promise<void>((resolve, reject) => {
    setImmediate(() => {
      coming.delete(database);
      database.batch(writes).then(resolve, reject);
    });
  });
  coming.set(database, { writes, written });
  return written;
}
