import { connectTables } from '../../aws/tables.ts';

/** What every client wants to know, and nobody here asks for. */
export const LOCAL = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

export const connectLocalTables = (endpoint: string) => connectTables({ ...LOCAL, endpoint });
