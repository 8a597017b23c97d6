import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { keyObstacle } from '../../core/base/messages.ts';
import { isUnspoken } from './inboxKey.ts';

export const NOT_UTF8 = 'its name is not UTF-8, so it could not be named in S3 either. Rename it.';

/** Lists the keys of all in the inbox folder but folders. Links are not followed. A folder that cannot be read hides no others. */
export async function* filesIn(folder: string, onError: (key: string, error: Error) => void): AsyncGenerator<string> {
  const within = [''];
  for (let key = within.pop(); key !== undefined; key = within.pop()) {
    const inFolder = key;
    const path = join(folder, ...inFolder.split('/'));
    const entries = await readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      if (inFolder === '') throw error; // the inbox itself
      const isOdd = error.code === 'ENOENT' && inFolder.includes('\ufffd');
      if (isOdd || error.code !== 'ENOENT') onError(inFolder, isOdd ? new Error(NOT_UTF8) : error);
      return []; // else it went away just now
    });
    for (const entry of entries) {
      const found = inFolder === '' ? entry.name : `${inFolder}/${entry.name}`;
      if (!entry.isDirectory()) {
        if (!isUnspoken(found)) yield found;
        continue;
      }
      if (entry.name.startsWith('.')) continue;
      const obstacle = keyObstacle(found);
      if (obstacle === undefined) within.push(found);
      else onError(found, new Error(`nothing in it can be named in S3: ${obstacle}. Rename it.`));
    }
  }
}
