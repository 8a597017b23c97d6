import { lstat, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isFolderScene } from '../../core/base/keys.ts';

/** A file is taken when it has not changed for so long: a copy in progress changes it all the time. */
export const STILL_MILLISECONDS = 2000;

/** Whether a file may be in the making, by its change time: its own may be years old. One later than now says nothing. */
export const isMoving = ({ ctimeMs }: { ctimeMs: number }, at = Date.now()): boolean =>
  Math.abs(at - ctimeMs) < STILL_MILLISECONDS;

/** When a file beside a scene's metadata changed last; 0 for other keys. A scene is taken once all of its folder stands still. */
export async function lastChangeBeside(folder: string, key: string): Promise<number> {
  if (!isFolderScene(key)) return 0;
  const within = dirname(join(folder, key));
  const names = await readdir(within, { recursive: true }).catch(() => []);
  const about = await Promise.all(names.map((name) => lstat(join(within, name)).catch(() => undefined)));
  return Math.max(0, ...about.map((one) => one?.ctimeMs ?? 0));
}
