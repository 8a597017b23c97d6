declare module 'dynalite' {
  import type { Server } from 'node:http';

  type Options = { path?: string; createTableMs?: number; deleteTableMs?: number; updateTableMs?: number };
  /** A DynamoDB server that keeps its tables in a LevelDB folder. */
  export default function dynalite(options?: Options): Server;
}
