import type { IncomingMessage, ServerResponse } from 'node:http';
import { Server, type Socket } from 'node:net';
import { type Held, makeHeld } from '../core/doors/online/held.ts';
import { type HttpRequest, type HttpResponse, Problem, problemResponse, TooBusy } from '../core/doors/online/http.ts';
import { listen } from './listen.ts';
import { readBody } from './readBody.ts';

// An import reads every name of the module, and its WebSocket loads a whole HTTP client: three times what all the rest takes.
const { createServer } = process.getBuiltinModule('node:http');

export type HttpServerOptions = {
  answer: (request: HttpRequest) => Promise<HttpResponse>;
  host: string;
  /** Ports to try, in their order; 0 is any free one. */
  ports: readonly number[];
  maxBodyBytes: number;
  /** The most bytes that unanswered bodies and unread answers may hold together; a single one may have more. Default: 96 MiB. */
  maxHeldBytes?: number;
  /** How long a client may take to read an answer. */
  readSeconds?: (bytes: number) => number;
  /** How long a request's head and body may take to arrive. */
  bodySeconds: number;
  /** Refuses a request before its body is read, by throwing a `Problem`. */
  check?: (request: Pick<HttpRequest, 'method' | 'path' | 'headers'>) => void;
};

/** So often at most, Node looks for requests that take too long to come in. */
const LOOK_MILLISECONDS = 1000;
/** Without a byte in either direction for so long, a connection is closed: whoever does not read its answer holds its memory. */
const STILL_MILLISECONDS = 90_000;
/** As slow may a client read, on average: 2 Mbit/s. One that reads a byte now and then is never still. */
const LEAST_BYTES_PER_SECOND = 256 * 1024;
/** A connection with more is closed: a single read of it may hold a thousand requests, each with an answer. */
const MOST_UNANSWERED = 16;
/** How much of a refused request's body is still read: clients read the answer only after sending. */
const DISCARDED_BYTES = 1024 ** 2;
const DISCARDED_PIECES = 5000;
/** So long, a server that closes waits for what is sent on a connection already: whoever keeps one open cannot know that it closes. */
const LINGER_MILLISECONDS = 500;
/** The part of a server's time to close in which those hear of it whose requests are not done. */
const REFUSAL_MILLISECONDS = 200;
/** A body is held up to four times: as it came, as what a thread gets of it, as text, and as what was read of it. */
const MAX_HELD_BYTES = 96 * 1024 ** 2;

export const secondsToRead = (bytes: number) => STILL_MILLISECONDS / 1000 + Math.ceil(bytes / LEAST_BYTES_PER_SECOND);

/** Serves HTTP requests with `answer`. Throws an error with the code EADDRINUSE if no port is free. */
export async function startHttpServer(options: HttpServerOptions) {
  const { host, ports, bodySeconds, readSeconds = secondsToRead } = options;
  let isClosing = false;
  const server = createServer({
    requestTimeout: bodySeconds * 1000,
    headersTimeout: bodySeconds * 1000,
    connectionsCheckingInterval: LOOK_MILLISECONDS,
    keepAliveTimeout: 65_000, // longer than the minute after which load balancers forget a connection
  });
  server.timeout = STILL_MILLISECONDS;
  /** Each with what is not sent on it: nothing on those that browsers open in advance, several if requests were sent at once. */
  const connections = new Map<Socket, Set<ServerResponse<IncomingMessage>>>();
  server.on('connection', (socket: Socket) => {
    connections.set(socket, new Set());
    socket.once('close', () => connections.delete(socket));
  });
  const held = makeHeld(options.maxHeldBytes ?? MAX_HELD_BYTES, 'bodies and answers');
  server.on('request', async (request, response) => {
    const unsent = connections.get(request.socket);
    if (unsent === undefined || unsent.size === MOST_UNANSWERED) return void request.socket.destroy();
    unsent.add(response);
    response.once('close', () => unsent.delete(response));
    using own = held();
    await respond(request, response, own);
    const bytes = response.writableEnded ? response.writableLength : 0; // a refusal that ends later is short
    if (bytes === 0 || response.closed) return;
    own.keep(bytes);
    const late = setTimeout(() => request.socket.destroy(), readSeconds(bytes) * 1000);
    await new Promise((resolve) => response.once('close', resolve));
    clearTimeout(late);
  });
  const port = await listen(server, host, ports);
  const shown = host.includes(':') ? `[${host}]` : host;

  return {
    url: `http://${shown}:${port}`,
    /** Accepts no more connections, and answers all accepted requests: with 503 those that are not done within the given seconds. */
    async close(seconds = 0): Promise<void> {
      isClosing = true;
      // The `close` of HTTP ends idle connections at once, with the requests on them that were sent and not read yet.
      const closed = new Promise<void>((resolve) => Server.prototype.close.call(server, () => resolve()));
      const endIdle = () => {
        for (const [socket, unsent] of connections) if (unsent.size === 0) socket.destroySoon();
      };
      const refuseAll = () => [...connections.values()].flatMap((unsent) => [...unsent]).forEach(refuse);
      const refusal = setTimeout(refuseAll, Math.max(0, seconds * 1000 - REFUSAL_MILLISECONDS));
      const linger = setTimeout(() => setImmediate(endIdle), LINGER_MILLISECONDS);
      const timer = setTimeout(() => server.closeAllConnections(), seconds * 1000);
      await closed;
      server.close(); // ends its looks for requests that take too long
      clearTimeout(linger);
      clearTimeout(refusal);
      clearTimeout(timer);
    },
  };

  async function respond(request: IncomingMessage, response: ServerResponse, { hold }: ReturnType<Held>) {
    const isGone = () => response.headersSent || response.closed;
    let asked: HttpRequest;
    try {
      asked = { ...(await readRequest(request, options, hold)), isGone, hold };
    } catch {
      return void request.destroy(); // the connection is gone
    }
    const { status, headers, body } = await options.answer(asked);
    if (isGone()) return;
    if (isClosing || !request.complete) response.setHeader('connection', 'close');
    response.writeHead(status, {
      ...headers,
      'x-content-type-options': 'nosniff',
      ...(asked.method !== 'HEAD' && { 'content-length': Buffer.byteLength(body) }), // of what is left out, nothing is said
    });
    if (request.complete) return void response.end(body);
    if (headers['connection'] === 'close') return void response.end(body, () => request.destroy());
    response.flushHeaders();
    response.write(body);
    // Whoever may come again has to hear of it, though all of its body is on the way.
    discard(request, response, status === 503 ? options.maxBodyBytes : DISCARDED_BYTES);
  }

  function refuse(response: ServerResponse<IncomingMessage>): void {
    if (response.headersSent) return;
    const { status, headers, body } = problemResponse(new TooBusy('The server is stopping.'), response.req.url);
    response.writeHead(status, { ...headers, connection: 'close' }).end(body);
  }
}

/** With why it is refused, where that is known before all of it is read. Throws where the connection ends before the request does. */
async function readRequest(request: IncomingMessage, options: HttpServerOptions, hold: (bytes: number) => void) {
  const { method = '' } = request;
  const address = URL.parse(request.url ?? '', 'http://localhost');
  const asked = { method, path: address?.pathname ?? '', headers: request.headers as HttpRequest['headers'] };
  const query = address?.searchParams ?? new URLSearchParams();
  try {
    if (address === null) throw new Problem(400, 'The address is not understood.');
    options.check?.(asked);
    return { ...asked, query, body: await readBody(request, options.maxBodyBytes, hold) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { ...asked, query, body: new Uint8Array(), refused: error };
  }
}

/** Reads a little more, so that the client receives the answer, and then closes: a connection that ends with unread bytes is reset. */
function discard(request: IncomingMessage, response: ServerResponse, most: number): void {
  let [bytes, pieces] = [0, 0];
  request.on('data', (piece: Buffer) => {
    [bytes, pieces] = [bytes + piece.length, pieces + 1];
    if (bytes > most || pieces > DISCARDED_PIECES) request.destroy();
  });
  request.once('end', () => response.end());
  request.resume();
}
