import type { Kind, Signs } from '../api.ts';
import { ask } from './ask.ts';

export type Connection = 'waiting' | 'open' | 'lost';

export type Live = {
  /** Calls back with what is new; answers how to stop that. */
  onChange: (listener: (what: readonly Kind[]) => void) => () => void;
  /** Calls back at once and whenever the connection changes; answers how to stop that. */
  onConnection: (listener: (connection: Connection) => void) => () => void;
};

const PAUSE_MILLISECONDS = 1000;

/** Looks every second for what is new, while the page is in sight. After a lost connection, or out of sight, everything is new. */
export function listen(
  read: () => Promise<string> = () => ask('/api/signs'),
  later: (work: () => void, milliseconds: number) => unknown = setTimeout,
  page: Pick<Document, 'hidden'> = document,
): Live {
  const listeners = new Set<(what: readonly Kind[]) => void>();
  const watchers = new Set<(connection: Connection) => void>();
  let connection: Connection = 'waiting';
  let seen: Signs = {};

  const become = (next: Connection) => {
    if (next === connection) return;
    connection = next;
    for (const watcher of watchers) watcher(next);
  };
  const look = async () => {
    const found = JSON.parse(await read()) as Signs;
    const what = (Object.keys(found) as Kind[]).filter((kind) => found[kind] !== seen[kind]);
    seen = { ...seen, ...found };
    become('open');
    if (what.length > 0) for (const listener of listeners) listener(what);
  };
  const lose = () => {
    seen = {};
    become('lost');
  };
  const keepLooking = async () => {
    if (page.hidden) seen = {};
    else await look().catch(lose);
    later(keepLooking, PAUSE_MILLISECONDS);
  };
  void keepLooking();

  return {
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onConnection: (watcher) => {
      watchers.add(watcher);
      watcher(connection);
      return () => watchers.delete(watcher);
    },
  };
}
