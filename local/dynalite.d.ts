declare module 'dynalite' {
  import type { Server } from 'node:http';

  type Options = { path?: string; createTableMs?: number; deleteTableMs?: number; updateTableMs?: number };
  /** A DynamoDB server that keeps its tables in a LevelDB folder. */
  export default function dynalite(options?: Options): Server;
}

declare module 'dynalite/db/index.js' {
  type Done<Result> = (error: Error | null, result?: Result) => void;
  type Store = {
    getTable: (name: string, done: Done<unknown>) => void;
    db: { close: (done: Done<void>) => void };
  };
  const database: {
    create: (options: { path: string }) => Store;
    updateIndexes: (store: Store, table: unknown, former: unknown, item: unknown, done: Done<void>) => void;
  };
  export default database;
}
