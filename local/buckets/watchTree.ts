import { type BigIntStats, type FSWatcher, lstatSync, readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { orElse } from '../../core/base/errors.ts';

/** Where the system itself watches a folder with all that is in it. */
const IS_NATIVE = process.platform === 'darwin';

/**
 * Watches a folder and its folders, each by itself: but on macOS, Node's recursive watch takes 30 KB a file, and reads all
 * with every event. `onError` hears of one that cannot be watched, as where the system's watches are used up.
 */
export function watchTree(
  folder: string,
  onChange: (name: string) => void,
  onError: (name: string, error: Error) => void,
): () => void {
  if (IS_NATIVE) {
    const watcher = watch(folder, { recursive: true }, (_event, name) => name !== null && onChange(name));
    watcher.on('error', () => {}); // a folder that vanished while it was looked at; its files are gone with it
    return () => watcher.close();
  }
  const watched = new Map<string, { identity: string; watcher: FSWatcher }>();
  const rootIdentity = () => orElse(undefined, () => identityOf(statSync(folder, { bigint: true }))); // it may be a link
  let root = rootIdentity();
  begin('', { isNew: false });
  const timer = setInterval(lookAtRoot, 5000);
  return () => {
    clearInterval(timer);
    for (const name of watched.keys()) end(name);
  };

  /** No event says that the folder itself was removed, replaced or mounted over. What lies in the one that is there now is looked at. */
  function lookAtRoot(): void {
    const now = rootIdentity();
    if (now === root) return;
    root = now;
    for (const name of watched.keys()) end(name);
    if (now !== undefined) begin('', { isNew: true });
    else onError(folder, new Error('the folder is gone, so no file is taken. Make it, move it back or mount it.'));
  }

  /** Looks at what an event names: a folder that came is watched, one that went or was replaced is no longer. */
  function look(name: string): void {
    let about: BigIntStats | undefined;
    try {
      about = lstatSync(join(folder, name), { bigint: true, throwIfNoEntry: false });
    } catch (error) {
      onError(name, error as Error); // it may not be looked at, or its path is too long; the others continue
      return;
    }
    if (about?.isDirectory() && watched.get(name)?.identity === identityOf(about)) return;
    if (watched.has(name)) end(name);
    if (about?.isDirectory()) begin(name, { isNew: true });
    else onChange(name);
  }

  /** Watches a folder. What lies in a new one may have come before the watch, and so without an event. */
  function begin(name: string, { isNew }: { isNew: boolean }): void {
    const path = join(folder, name);
    try {
      const identity = identityOf(statSync(path, { bigint: true }));
      const watcher = watch(path, (_event, file) => file !== null && look(join(name, file)));
      watcher.on('error', () => {}); // it vanished; its own folder's event says so as well
      watched.set(name, { identity, watcher });
      for (const entry of readdirSync(path, { withFileTypes: true })) {
        const inside = join(name, entry.name);
        if (entry.isDirectory()) begin(inside, { isNew });
        else if (isNew) onChange(inside);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') onError(name || folder, error as Error);
    }
  }

  function end(name: string): void {
    watched.get(name)?.watcher.close();
    watched.delete(name);
    const inside = join(name, '/');
    for (const one of watched.keys()) if (one.startsWith(inside)) end(one);
  }
}

/** What makes a folder the one that is watched: a number that is free is given to the next one. */
const identityOf = ({ dev, ino, birthtimeNs }: BigIntStats): string => `${dev}-${ino}-${birthtimeNs}`;
