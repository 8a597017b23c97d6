import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { insteadOf } from '../core/base/errors.ts';
import { Problem as OnlineProblem } from '../core/doors/online/http.ts';
import type { TryModel } from '../core/releases/promotions.ts';
import { closeNow, listen, portsFrom } from '../server/listen.ts';
import { readBody } from '../server/readBody.ts';
import { json, Refused, SECURITY_HEADERS } from './answer.ts';
import type { Problem } from './api.ts';
import { bundlePage } from './bundle.ts';
import { findRoute, makeRoutes, type Reply, type Route } from './routes.ts';
import type { Service } from './service.ts';

// An import reads every name of the module, and its WebSocket loads a whole HTTP client, which takes three times as long as the rest.
const { createServer } = process.getBuiltinModule('node:http');

type OnError = (error: unknown) => void;
type ConsoleOptions = {
  service: Service;
  /** The port on 127.0.0.1; 0 means any free one. Default: 4680, or the next free one. */
  port?: number;
  page?: string;
  tryModel: TryModel;
  /** Called with each error, which the browser receives as well. */
  onError?: OnError;
};

export type Console = Awaited<ReturnType<typeof startConsole>>;

/** Serves the console of a running Swath, on loopback only. Throws with the code EADDRINUSE if the port is in use. */
export async function startConsole(options: ConsoleOptions) {
  const { service, port, page, tryModel, onError = () => {} } = options;
  const bundled = await bundlePage(page);
  const routesOf = (service: Service) => makeRoutes(service, { page: bundled, tryModel, onError });
  let routes = routesOf(service);
  const server = createServer((request, response) => void respond(request, response, routes, onError));
  const taken = await listen(server, '127.0.0.1', port === undefined ? portsFrom(4680) : [port]);

  return {
    url: `http://127.0.0.1:${taken}/`,
    /** Answers by another service from now on, at the same address. */
    follow: (service: Service): void => {
      routes = routesOf(service);
    },
    close: () => closeNow(server),
  };
}

/** Answers one request; errors reach the browser as a sentence, never with a stack trace. */
async function respond(request: IncomingMessage, response: ServerResponse, routes: Route[], onError: OnError) {
  const reply = await replyTo(request, routes).catch((error: unknown) => {
    if (!(error instanceof Refused)) onError(error);
    const message = error instanceof Error ? error.message : String(error);
    const refused = error instanceof Refused ? error : { status: 500, headers: {} };
    const answer = json({ message } satisfies Problem, refused.status);
    return { ...answer, headers: { ...answer.headers, ...refused.headers } };
  });
  if (typeof reply === 'function') return reply(response);
  const { status, headers, body } = reply;
  response.writeHead(status, { ...SECURITY_HEADERS, ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

async function replyTo(request: IncomingMessage, routes: Route[]): Promise<Reply> {
  const { method = '', headers, socket } = request;
  const address = URL.parse(request.url ?? '', 'http://127.0.0.1');
  if (address === null) throw new Refused(400, 'The address is not understood.');
  const { pathname: path, searchParams: query } = address;
  checkSender(method, path, headers, socket.localPort ?? 0);
  const { route, parts } = findRoute(routes, method, path);
  return route.reply({ parts, query, readBody: () => readBody(request, MAX_BODY_BYTES).catch(asRefused) });
}

/** Of images that a page has somebody drop. */
const MAX_BODY_BYTES = 32 * 1024 ** 2;

const asRefused = insteadOf(OnlineProblem, ({ status, message }) => new Refused(status, message));

/**
 * Refuses requests of other web pages that the user has open. Throws `Refused`: 421 for a foreign name (DNS rebinding),
 * 403 for a foreign page, 415 for a form's type.
 */
function checkSender(method: string, path: string, headers: IncomingHttpHeaders, port: number): void {
  const ours = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (port === 80) ours.push('127.0.0.1', 'localhost'); // browsers omit the default port
  const host = headers.host?.toLowerCase() ?? '';
  if (!ours.includes(host))
    throw new Refused(421, `This server answers at http://${ours[0]}, not at ${JSON.stringify(headers.host ?? '')}.`);
  // Another page cannot read the answers, but its requests alone would cost money in an account.
  const site = headers['sec-fetch-site'];
  if (path.startsWith('/api/') && site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new Refused(403, 'Only the page of this server may request this.');
  if (method === 'GET' || method === 'HEAD') return;
  if (headers.origin !== `http://${host}`)
    throw new Refused(
      403,
      `Only the page of this server may change anything; its requests have the Origin http://${host}.`,
    );
  // A foreign page's form cannot send JSON, and its script needs a preflight request, which is refused.
  if (headers['content-type']?.split(';')[0]?.trim().toLowerCase() !== 'application/json')
    throw new Refused(415, 'The content type must be application/json.');
}
