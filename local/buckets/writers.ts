import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/**
 * The keys of the files in a folder that a process has open for writing. Only Linux says so without a program of its own, and only
 * of processes whose files this user may see; elsewhere, and of others, none is found.
 */
export function keysOpenForWriting(folder: string): Set<string> {
  const found = new Set<string>();
  if (process.platform !== 'linux') return found;
  const inside = join(realpathSync(folder), sep);
  for (const pid of namesIn('/proc').filter((name) => /^\d+$/.test(name)))
    for (const fd of namesIn(`/proc/${pid}/fd`)) {
      const path = orNothing(() => readlinkSync(`/proc/${pid}/fd/${fd}`));
      if (!path.startsWith(inside)) continue;
      const flags = /^flags:\s*(\d+)/m.exec(orNothing(() => readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8')))?.[1];
      if (flags !== undefined && (Number.parseInt(flags, 8) & ACCESS_MODE) !== 0)
        found.add(relative(inside, path).split(sep).join('/'));
    }
  return found;
}

/** Within the flags of open(2): 0 is reading alone. */
const ACCESS_MODE = 3;

const namesIn = (folder: string): string[] => orNothing(() => readdirSync(folder)) || [];

/** A process may end, or close a file, at any time; and those of others cannot be looked into. */
function orNothing<Found>(look: () => Found): Found | '' {
  try {
    return look();
  } catch {
    return '';
  }
}
