import type { Changed } from '../api.ts';

/** What a page can be told to ask for again. */
export type Topic = Changed['what'][number];
export type Connection = 'waiting' | 'open' | 'lost';

/** The server's word that something is new. */
export type Live = {
  /** Calls back with what is new; answers how to stop that. */
  onChange: (listener: (what: readonly Topic[]) => void) => () => void;
  /** Calls back at once and whenever the connection changes; answers how to stop that. */
  onConnection: (listener: (connection: Connection) => void) => () => void;
};

/** The browser takes up a lost connection by itself, except when the answer was an error: then it is asked anew. */
const PAUSE_MILLISECONDS = 2000;

type Source = Pick<EventTarget, 'addEventListener'> & Pick<EventSource, 'readyState' | 'close'>;

type Sight = Pick<Document, 'hidden' | 'addEventListener'>;

/**
 * Listens to /api/events for as long as the page is looked at: in an account each look costs something, and a browser
 * keeps only six connections to a host open, whatever the number of tabs. Each connection begins with word that
 * everything is new.
 */
export function listen(
  open: () => Source = () => new EventSource('/api/events'),
  later: (work: () => void, milliseconds: number) => unknown = setTimeout,
  page: Sight = document,
): Live {
  const CLOSED = 2; // EventSource.CLOSED
  const listeners = new Set<(what: readonly Topic[]) => void>();
  const watchers = new Set<(connection: Connection) => void>();
  let connection: Connection = 'waiting';

  const become = (next: Connection) => {
    if (next === connection) return;
    connection = next;
    for (const watcher of watchers) watcher(next);
  };
  let current: Source | undefined;
  const connect = () => {
    if (page.hidden || current !== undefined) return;
    const source = open();
    current = source;
    source.addEventListener('open', () => become('open'));
    source.addEventListener('changed', (event) => {
      const { what } = JSON.parse((event as MessageEvent<string>).data) as Changed;
      for (const listener of listeners) listener(what);
    });
    source.addEventListener('error', () => {
      become('lost');
      if (source.readyState !== CLOSED) return;
      source.close();
      current = undefined;
      later(connect, PAUSE_MILLISECONDS);
    });
  };
  connect();
  page.addEventListener('visibilitychange', () => {
    if (!page.hidden) return connect();
    current?.close();
    current = undefined;
  });

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
