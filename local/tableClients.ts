import { connectTables } from '../aws/tables.ts';
import { type AskTables, withoutNetwork } from './tableRequests.ts';

/** Clients of the tables, apart from what serves them: every worker has one of these, and none of those. */

/** What every client wants to know, and nobody here asks for. */
const LOCAL = {
  endpoint: 'http://127.0.0.1',
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

/** A client of the tables of this process, or of the stack's for one of its workers. */
export function connectOwnTables(ask: AskTables) {
  return connectTables({ ...LOCAL, ...withoutNetwork(ask) });
}

/** A client of tables that a process of this machine serves. */
export function connectLocalTables(endpoint: string) {
  return connectTables({ ...LOCAL, endpoint });
}
