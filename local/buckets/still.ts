import { lstat, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isFolderScene } from '../../core/base/keys.ts';

/** A file is taken when it has not changed for so long: a copy in progress changes it all the time. */
export const STILL_MILLISECONDS = 2000;

/**
 * Whether a file may be in the making. Its own time may be years old, as the copy's source had it; this one may not. It may be
 * later than now, where the clock was ahead when the file came: then it says nothing.
 */
export function isMoving({ ctimeMs }: { ctimeMs: number }, at = Date.now()): boolean {
  return Math.abs(at - ctimeMs) < STILL_MILLISECONDS;
}

/**
 * When a file of a scene's folder changed last, for the key of its metadata; 0 for all other keys. The scene is taken once all
 * of its folder stands still, as a band that was copied by half would be refused for good.
 */
export async function lastChangeBeside(folder: string, key: string): Promise<number> {
  if (!isFolderScene(key)) return 0;
  const within = dirname(join(folder, key));
  const names = await readdir(within, { recursive: true }).catch(() => []);
  const about = await Promise.all(names.map((name) => lstat(join(within, name)).catch(() => undefined)));
  return Math.max(0, ...about.map((one) => one?.ctimeMs ?? 0));
}
