import type { ServerResponse } from 'node:http';
import type { Changed } from './api.ts';
import { SECURITY_HEADERS } from './headers.ts';
import type { Kind, Signs } from './signs.ts';

/** How soon a browser is to come back after a broken connection. */
const RETRY_MILLISECONDS = 1000;
/** A connection over which nothing goes may be dead without anybody noticing. */
const HEARTBEAT_MILLISECONDS = 15_000;

export type Events = {
  /** Keeps a request open and tells it what is new, beginning with everything. */
  join: (response: ServerResponse) => void;
  /** Looks now, because something has just been done. */
  look: () => Promise<void>;
  close: () => void;
};

type Options = {
  signs: Signs;
  /** Between two looks. Nobody looks while nobody listens. */
  lookMilliseconds: number;
  onError: (error: unknown) => void;
};

/** Server-sent events: whoever listens hears what kind of thing is new. https://html.spec.whatwg.org/multipage/server-sent-events.html */
export function makeEvents({ signs, lookMilliseconds, onError }: Options): Events {
  const listeners = new Set<ServerResponse>();
  const kinds = Object.keys(signs) as Kind[];
  /** The signs as they were last; whatever is not in it is new. */
  const seen = new Map<Kind, string>();
  let looking: Promise<void> = Promise.resolve();
  let nextLook: NodeJS.Timeout | undefined;
  let heartbeat: NodeJS.Timeout | undefined;

  function join(response: ServerResponse): void {
    response.writeHead(200, {
      ...SECURITY_HEADERS,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    });
    response.write(`retry: ${RETRY_MILLISECONDS}\n\n`);
    // The signs are older than the answers that a page asks for once it is told, so no change falls between the two.
    tell([response], [...seen.keys()]);
    listeners.add(response);
    response.once('close', () => leave(response));
    if (listeners.size > 1) return;
    heartbeat = setInterval(() => {
      for (const listener of listeners) listener.write(': still here\n\n');
    }, HEARTBEAT_MILLISECONDS);
    void keepLooking();
  }

  function leave(response: ServerResponse): void {
    listeners.delete(response);
    if (listeners.size > 0) return;
    clearTimeout(nextLook);
    clearInterval(heartbeat);
    seen.clear();
  }

  async function keepLooking(): Promise<void> {
    await look();
    clearTimeout(nextLook); // a listener that left and one that came meanwhile must not make two of it
    if (listeners.size > 0) nextLook = setTimeout(keepLooking, lookMilliseconds);
  }

  function look(): Promise<void> {
    looking = looking.then(lookOnce);
    return looking;
  }

  async function lookOnce(): Promise<void> {
    if (listeners.size === 0) return;
    const found = await Promise.all(kinds.map((kind) => signs[kind]().catch(noneAfter)));
    const changed = kinds.filter((kind, i) => {
      const sign = found[i];
      if (sign === undefined || seen.get(kind) === sign) return false;
      seen.set(kind, sign);
      return true;
    });
    tell(listeners, changed);
  }

  /** What cannot be looked at now is as it was; the rest goes on. */
  function noneAfter(error: unknown): undefined {
    onError(error);
  }

  function close(): void {
    for (const listener of listeners) listener.end();
  }

  return { join, look, close };
}

function tell(listeners: Iterable<ServerResponse>, what: Kind[]): void {
  if (what.length === 0) return;
  const changed: Changed = { what };
  for (const listener of listeners) listener.write(`event: changed\ndata: ${JSON.stringify(changed)}\n\n`);
}
