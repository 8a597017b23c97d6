/** The browser takes up a lost connection by itself, except when the answer was an error: then it is asked anew. */
const PAUSE_MILLISECONDS = 2000;
/**
 * Listens to /api/events for as long as the page is looked at: in an account each look costs something, and a browser
 * keeps only six connections to a host open, whatever the number of tabs. Each connection begins with word that
 * everything is new.
 */
export function listen(open = () => new EventSource('/api/events'), later = setTimeout, page = document) {
  const CLOSED = 2; // EventSource.CLOSED
  const listeners = new Set();
  const watchers = new Set();
  let connection = 'waiting';
  const become = (next) => {
    if (next === connection) return;
    connection = next;
    for (const watcher of watchers) watcher(next);
  };
  let current;
  const connect = () => {
    if (page.hidden || current !== undefined) return;
    const source = open();
    current = source;
    source.addEventListener('open', () => become('open'));
    source.addEventListener('changed', (event) => {
      const { what } = JSON.parse(event.data);
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
