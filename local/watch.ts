import { readdirSync, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { isSceneKey } from './inbox.ts';
import { isMoving, STILL_MILLISECONDS } from './still.ts';
import { watchTree } from './watchTree.ts';

const LOOK_EVERY_MILLISECONDS = 250;

/**
 * Watches a folder and its folders; calls `onStill` with the key of each file that came or changed and stands still. A
 * file that is moving when this begins counts as one that changed: there may be no further event.
 *
 * @param onTrouble hears of a folder that cannot be watched
 */
export function watchFolder(
  folder: string,
  onStill: (key: string) => unknown,
  onTrouble: (key: string, error: Error) => void = () => {},
) {
  const moving = new Map<string, { mark: string; since: number }>();
  let isOver = false;
  let isLooking = false;
  const notice = (name: string) => {
    const key = name.split(sep).join('/');
    if (isSceneKey(key) && !moving.has(key)) moving.set(key, { mark: '', since: Date.now() });
  };
  const stopWatching = watchTree(folder, notice, onTrouble);
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const about = statSync(join(folder, name), { throwIfNoEntry: false });
    if (about?.isFile() && isMoving(about)) notice(name);
  }
  const timer = setInterval(() => {
    if (isLooking) return; // thousands of files take longer; two looks at once would take a file twice
    isLooking = true;
    void look().finally(() => {
      isLooking = false;
    });
  }, LOOK_EVERY_MILLISECONDS);

  async function look(): Promise<void> {
    for (const [key, seen] of [...moving]) {
      const about = await stat(join(folder, ...key.split('/'))).catch(() => undefined);
      if (isOver) return;
      if (!about?.isFile()) {
        moving.delete(key);
        if (about === undefined && key.includes('\ufffd')) onStill(key); // not gone: its name is no UTF-8
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
    stopWatching();
  };
}
