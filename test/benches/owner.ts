import { isAlive, type Owner, readOwner } from '../../local/stack/lock.ts';

/** The living owner of the data folder with this lock, if any. */
export async function findOwner(lock: string): Promise<Owner | undefined> {
  const owner = readOwner(lock);
  return owner !== undefined && (await isAlive(owner)) ? owner : undefined;
}
