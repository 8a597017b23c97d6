import { type FSWatcher, watch } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { filesIn } from './inboxFiles.ts';
import { isPassedOver } from './inboxKey.ts';
import { isMoving, STILL_MILLISECONDS } from './still.ts';

const LOOK_EVERY_MILLISECONDS = 250;

/**
 * Watches a folder and its folders; calls `onStill` with the key of each file that came or changed and stands still. A
 * file that is moving when this begins counts as one that changed: there may be no further event.
 */
export function watchFolder(folder: string, onStill: (key: string) => unknown) {
  const moving = new Map<string, { mark: string; since: number }>();
  let isOver = false;
  const notice = (name: string) => {
    const key = name.split(sep).join('/');
    if (!isPassedOver(key) && !moving.has(key)) moving.set(key, { mark: '', since: Date.now() });
  };
  const watcher: FSWatcher = watch(folder, { recursive: true }, (_event, name) => name !== null && notice(name));
  watcher.on('error', () => {}); // a folder that vanished while it was looked at; its files are gone with it
  const timer = setInterval(() => void look(), LOOK_EVERY_MILLISECONDS);
  void noticeMoving();

  /** What cannot be looked into, the sweep tells. */
  async function noticeMoving(): Promise<void> {
    for await (const key of filesIn(folder, () => {})) {
      const about = await aboutFile(key);
      if (isOver) return;
      if (about?.isFile() && isMoving(about)) notice(key);
    }
  }

  /** A symbolic link is none; undefined where there is nothing. */
  const aboutFile = (key: string) => lstat(join(folder, ...key.split('/'))).catch(() => undefined);

  async function look(): Promise<void> {
    for (const [key, seen] of [...moving]) {
      const about = await aboutFile(key);
      if (isOver) return;
      if (!about?.isFile()) {
        moving.delete(key);
        const isOddlyNamed = about === undefined && key.includes('\ufffd'); // not gone: its name is no UTF-8
        if (isOddlyNamed || about?.isSymbolicLink()) onStill(key); // which says what is wrong with it
        continue;
      }
      const mark = `${about.size}-${about.mtimeMs}`;
      if (mark !== seen.mark) moving.set(key, { mark, since: Date.now() });
      else if (Date.now() - seen.since >= STILL_MILLISECONDS) {
        moving.delete(key);
        onStill(key);
      }
    }
  }

  return () => {
    isOver = true;
    clearInterval(timer);
    watcher.close();
  };
}
