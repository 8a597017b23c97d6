import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DAY_MILLISECONDS } from '../core/time/days.ts';
import { readExpirations } from './service.ts';

/** Removes what the bucket's lifecycle rules expire in an account from the results folder. */
export async function expireResults(folder: string, now: Date): Promise<void> {
  for (const { prefix, days } of readExpirations('ResultsBucket')) {
    const oldest = now.getTime() - days * DAY_MILLISECONDS;
    for (const name of await readdir(join(folder, prefix)).catch(() => [])) {
      const path = join(folder, prefix, name);
      const { mtimeMs } = await stat(path);
      if (mtimeMs < oldest) await rm(path, { recursive: true });
    }
  }
}
