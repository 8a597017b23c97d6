import type { ServerResponse } from 'node:http';
import type { Changed } from './api.ts';
import { SECURITY_HEADERS } from './headers.ts';
import type { Kind, Signs } from './signs.ts';

const RETRY_MILLISECONDS = 1000;
/** The interval of keep-alive comments: without traffic, a dead connection goes unnoticed. */
const HEARTBEAT_MILLISECONDS = 15_000;

export type Events = {
  /** Keeps a request open and reports changes, beginning with everything. */
  join: (response: ServerResponse) => void;
  /** Checks for changes now, because something has just been done. */
  look: () => Promise<void>;
  close: () => void;
};

type Options = {
  signs: Signs;
  /** The time between two checks. Without listeners, there are none. */
  lookMilliseconds: number;
  onError: (error: unknown) => void;
};

/** Server-sent events that report the kinds of data that have changed. https://html.spec.whatwg.org/multipage/server-sent-events.html */
export function makeEvents({ signs, lookMilliseconds, onError }: Options): Events {
  const listeners = new Set<ServerResponse>();
  const kinds = Object.keys(signs) as Kind[];
  /** The last signs; kinds that are missing here count as changed. */
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
    // The signs are read before the page reads its data, so no change is lost in between.
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
    clearTimeout(nextLook); // a listener that left and a new one must not start two timers
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

  /** A kind that cannot be read now counts as unchanged. */
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
