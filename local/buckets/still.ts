import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { orElse } from '../../core/base/errors.ts';
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

/** The keys of files in a folder that a process has open for writing. Only Linux tells, of processes that this user may see. */
export function keysOpenForWriting(folder: string): Set<string> {
  const found = new Set<string>();
  if (process.platform !== 'linux') return found;
  const inside = join(realpathSync(folder), sep);
  for (const pid of namesIn('/proc').filter((name) => /^\d+$/.test(name)))
    for (const fd of namesIn(`/proc/${pid}/fd`)) {
      const path = orElse('', () => readlinkSync(`/proc/${pid}/fd/${fd}`));
      if (!path.startsWith(inside)) continue;
      const flags = /^flags:\s*(\d+)/m.exec(orElse('', () => readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8')))?.[1];
      if (flags !== undefined && (Number.parseInt(flags, 8) & ACCESS_MODE) !== 0)
        found.add(relative(inside, path).split(sep).join('/'));
    }
  return found;
}

/** Whether a file is among these, or for a scene's metadata any of the scene's folder. */
export function isOpenIn(open: ReadonlySet<string>, key: string): boolean {
  const folder = isFolderScene(key) ? key.slice(0, key.lastIndexOf('/') + 1) : null;
  return open.has(key) || (folder !== null && [...open].some((one) => one.startsWith(folder)));
}

/** Within the flags of open(2): 0 is reading alone. */
const ACCESS_MODE = 3;

/** A process may end, or close a file, at any time; and those of others cannot be looked into. */
const namesIn = (folder: string): string[] => orElse([], () => readdirSync(folder));
