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

/** Listens to /api/events for as long as the page is open. Each connection begins with word that everything is new. */
export function listen(
  open: () => Source = () => new EventSource('/api/events'),
  later: (work: () => void, milliseconds: number) => unknown = setTimeout,
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
  const connect = () => {
    const source = open();
    source.addEventListener('open', () => become('open'));
    source.addEventListener('changed', (event) => {
      const { what } = JSON.parse((event as MessageEvent<string>).data) as Changed;
      for (const listener of listeners) listener(what);
    });
    source.addEventListener('error', () => {
      become('lost');
      if (source.readyState !== CLOSED) return;
      source.close();
      later(connect, PAUSE_MILLISECONDS);
    });
  };
  connect();

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
