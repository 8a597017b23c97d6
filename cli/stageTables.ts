import type { LocalTables } from '../local/localTables.ts';
import type { Account } from './stack.ts';

export async function openStageTables(_stage: string, _account: Account): Promise<LocalTables> {
  throw new Error('x');
}
