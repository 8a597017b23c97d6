import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpRequest, HttpResponse } from '../core/online/http.ts';
import { Problem } from '../core/online/problem.ts';
import { readBody } from './readBody.ts';

// An import reads every name of the module, and its WebSocket loads a whole HTTP client: three times what all the rest takes.
const { createServer } = process.getBuiltinModule('node:http');

export type HttpServerOptions = {
  answer: (request: HttpRequest) => Promise<HttpResponse>;
  host: string;
  /** Ports to try, in their order; 0 is any free one. */
  ports: readonly number[];
  maxBodyBytes: number;
  /** How long a request's head and body may take to arrive. */
  bodySeconds: number;
  /** Refuses a request before its body is read, by throwing a `Problem`. */
  check?: (request: Pick<HttpRequest, 'method' | 'path' | 'headers'>) => void;
};

export type RunningServer = {
  url: string;
  /** Accepts no more requests, and resolves when all accepted ones are answered, or after the given seconds. */
  close: (seconds?: number) => Promise<void>;
};

/** So often at most, Node looks for requests that take too long to come in. */
const LOOK_MILLISECONDS = 1000;
/** How much of a refused request's body is still read: clients read the answer only after sending. */
const DISCARDED_BYTES = 1024 ** 2;

/** Serves HTTP requests with `answer`. Throws an error with the code EADDRINUSE if no port is free. */
export async function startHttpServer(options: HttpServerOptions): Promise<RunningServer> {
  const { host, ports, bodySeconds } = options;
  let isClosing = false;
  const server = createServer({
    requestTimeout: bodySeconds * 1000,
    headersTimeout: bodySeconds * 1000,
    connectionsCheckingInterval: LOOK_MILLISECONDS,
    keepAliveTimeout: 65_000, // longer than the minute after which load balancers forget a connection
  });
  server.on('request', (request, response) => void respond(request, response, options, () => isClosing));
  for (const [i, port] of ports.entries())
    try {
      server.listen(port, host);
      await once(server, 'listening');
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || i === ports.length - 1) throw error;
    }
  const { port } = server.address() as AddressInfo;
  const shown = host.includes(':') ? `[${host}]` : host;

  return {
    url: `http://${shown}:${port}`,
    async close(seconds = 0) {
      isClosing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), seconds * 1000);
      await closed;
      clearTimeout(timer);
    },
  };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpServerOptions,
  isLast: () => boolean,
): Promise<void> {
  let asked: HttpRequest;
  try {
    asked = await readRequest(request, options);
  } catch {
    return void request.destroy(); // the connection is gone
  }
  const answered = await options.answer(asked);
  if (response.destroyed) return;
  if (isLast() || !request.complete) response.setHeader('connection', 'close');
  const { status, headers, body } = answered;
  response.writeHead(status, {
    ...headers,
    'x-content-type-options': 'nosniff',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
  if (!request.complete) discard(request);
}

/** With why it is refused, where that is known before all of it is read. Throws where the connection ends before the request does. */
async function readRequest(request: IncomingMessage, options: HttpServerOptions): Promise<HttpRequest> {
  const { method = '' } = request;
  const headers = request.headers as HttpRequest['headers'];
  const address = URL.parse(request.url ?? '', 'http://localhost');
  const asked = { method, path: address?.pathname ?? '', headers };
  const query = address?.searchParams ?? new URLSearchParams();
  try {
    if (address === null) throw new Problem(400, 'The address is not understood.');
    options.check?.(asked);
    return { ...asked, query, body: await readBody(request, options.maxBodyBytes) };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { ...asked, query, body: new Uint8Array(), refused: error };
  }
}

/** Reads a little more, so that the client receives the answer, and then closes. */
function discard(request: IncomingMessage): void {
  let bytes = 0;
  request.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > DISCARDED_BYTES) request.destroy();
  });
  request.resume();
}
