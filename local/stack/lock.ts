import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { attempt, errorNamed, onError, orElse } from '../../core/base/errors.ts';
import { send } from './control.ts';

/**
 * A data folder's owner, and where it answers. It listens before it writes the lock: if its port refuses, it is dead,
 * whatever process has its pid now.
 */
const ownerSchema = z.object({
  pid: z.int().min(1),
  port: z.int().min(1).max(65_535),
  token: z.string().regex(/^[\x21-\x7e]+$/), // it goes into a header
  command: z.string(),
});
export type Owner = z.infer<typeof ownerSchema>;
const lockSchema = ownerSchema.extend({ inode: z.string() });

/** Of the folder that a lock is for: in a copy of the folder, the lock is still the original's. */
const inodeOf = (lock: string): string => String(statSync(dirname(lock), { bigint: true }).ino);

/** How long a living owner may take to answer before it is considered suspended. */
const ANSWER_MILLISECONDS = 3000;

export class FolderInUse extends errorNamed('FolderInUse') {
  readonly owner: Owner;
  constructor(folder: string, owner: Owner) {
    super(`${folder} is in use by process ${owner.pid} (${owner.command}). End it, or start again once it has ended.`);
    this.owner = owner;
  }
}

/** Locks the folder for `me`, or throws `FolderInUse`. Returns how to release it. */
export async function takeLock(folder: string, lock: string, me: Owner): Promise<() => void> {
  const mine = `${lock}.${randomUUID()}.tmp`; // two containers on one folder may have the same pid
  try {
    writeFileSync(mine, JSON.stringify({ ...me, inode: inodeOf(lock) }), { mode: 0o600 });
    // A hard link fails if the name is taken: an atomic "create if absent", with its content in place.
    while (!linked(mine, lock)) {
      const owner = readOwner(lock);
      if (owner !== undefined && (await isAlive(owner))) throw new FolderInUse(folder, owner);
      removeIfStill(lock, owner, mine);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  return () => removeIfStill(lock, me, mine);
}

function linked(from: string, to: string): boolean {
  const there = onError('EEXIST', () => false);
  return attempt(() => linkSync(from, to), there) ?? true;
}

/** Returns no owner if the file is gone by now, was truncated by a power failure, or was copied with its folder. */
export const readOwner = (lock: string): Owner | undefined =>
  orElse(undefined, () => {
    const { inode, ...owner } = lockSchema.parse(JSON.parse(readFileSync(lock, 'utf8')));
    return inode === inodeOf(lock) ? owner : undefined;
  });

/** Removes the lock of `owner`; it is moved aside first, so that a newer one, written just now, can be restored. */
function removeIfStill(lock: string, owner: Owner | undefined, aside: string): void {
  const moved = `${aside}.moved`;
  const gone = onError('ENOENT', () => 'gone');
  if (attempt(() => renameSync(lock, moved), gone) === 'gone') return;
  const found = readOwner(moved);
  if (found !== undefined && found.token !== owner?.token) linked(moved, lock);
  rmSync(moved, { force: true });
}

/** Whether the owner's port accepts its token. A suspended process does not answer, but still holds the tables. */
export function isAlive(owner: Owner): Promise<boolean> {
  const { pid } = owner;
  const signal = AbortSignal.timeout(ANSWER_MILLISECONDS);
  // Another program that uses the port by now may answer anything.
  return send(owner, 'GET', '', undefined, signal).then(
    ({ status, result }) => status === 200 && isDeepStrictEqual(result, { pid }),
    () => signal.aborted && orElse(false, () => process.kill(pid, 0)),
  );
}
