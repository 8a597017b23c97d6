import { lstat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { filesIn } from './inboxFiles.ts';
import { isPassedOver, isUnspoken } from './inboxKey.ts';
import { isMoving, isOpenIn, keysOpenForWriting, lastChangeBeside, STILL_MILLISECONDS } from './still.ts';
import { watchTree } from './watchTree.ts';

const LOOK_EVERY_MILLISECONDS = 250;
/** A file that stands still and stays open for so many times as long is told of, once. */
const MOST_WAITS = 30;

const STAYS_OPEN = 'a program has it open for writing: it is classified once that has closed it.';

/**
 * Calls `onStill` for files that came or changed and stand still, those that move at the beginning too. `onError` hears of
 * a folder that cannot be watched and a file that stays open, `onPassedOver` of a still file that is no scene.
 */
export function watchFolder(
  folder: string,
  onStill: (key: string) => unknown,
  onError: (key: string, error: Error) => void = () => {},
  clock: () => number = Date.now,
  onPassedOver: (key: string) => unknown = () => {},
) {
  const moving = new Map<string, { mark: string; since: number; waits: number }>();
  let isOver = false;
  let isLooking = false;
  const notice = (name: string) => {
    const key = name.split(sep).join('/');
    if (!isUnspoken(key) && !moving.has(key)) moving.set(key, { mark: '', since: clock(), waits: 0 });
  };
  const began = clock();
  const stopWatching = watchTree(folder, notice, onError);
  const timer = setInterval(() => {
    if (isLooking) return; // thousands of files take longer; two looks at once would take a file twice
    isLooking = true;
    void look().finally(() => {
      isLooking = false;
    });
  }, LOOK_EVERY_MILLISECONDS);
  noticeMoving().catch(() => {}); // the inbox itself is gone, and watchTree reports that

  /** Those that were moving when this began: a sweep in between has left them to this. What is unreadable, the sweep tells. */
  async function noticeMoving(): Promise<void> {
    for (const key of keysOpenForWriting(folder)) notice(key);
    for await (const key of filesIn(folder, () => {})) {
      const about = await aboutFile(key);
      if (isOver) return;
      const isBegun = async () => isMoving({ ctimeMs: await lastChangeBeside(folder, key) }, began);
      if (about?.isFile() && (isMoving(about, began) || (await isBegun()))) notice(key);
    }
  }

  /** A symbolic link is none; undefined where there is nothing. */
  const aboutFile = (key: string) => lstat(join(folder, ...key.split('/'))).catch(() => undefined);

  async function look(): Promise<void> {
    let open: Set<string> | undefined;
    for (const [key, seen] of [...moving]) {
      const about = await aboutFile(key);
      if (isOver) return;
      if (!about?.isFile()) {
        moving.delete(key);
        if (isPassedOver(key)) continue;
        const isOddlyNamed = about === undefined && key.includes('\ufffd'); // not gone: its name is no UTF-8
        if (isOddlyNamed || about?.isDirectory() === false) onStill(key); // which says what is wrong with it
        continue;
      }
      const mark = `${about.size}-${about.mtimeMs}-${about.ctimeMs}-${await lastChangeBeside(folder, key)}`;
      const isSetBack = clock() < seen.since; // the clock: since when it stands still is not known any more
      if (mark !== seen.mark || isSetBack) moving.set(key, { mark, since: clock(), waits: 0 });
      else if (clock() - seen.since >= STILL_MILLISECONDS) {
        open ??= keysOpenForWriting(folder); // once, for all of them
        if (isOpenIn(open, key)) {
          moving.set(key, { mark, since: clock(), waits: seen.waits + 1 });
          if (seen.waits === MOST_WAITS) onError(key, new Error(STAYS_OPEN));
          continue;
        }
        moving.delete(key);
        if (isPassedOver(key)) onPassedOver(key);
        else onStill(key);
      }
    }
  }

  return () => {
    isOver = true;
    clearInterval(timer);
    stopWatching();
  };
}
