import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { SlackMessage } from '../../observability/slackMessage.ts';

/** How a webhook answers: `ok` unless something else is asked of it. */
export type Answer = { status?: number; headers?: Record<string, string>; body?: string } | 'nothing';

/**
 * A chat's webhook on the loopback, which keeps what is posted to it.
 *
 * @param tls by which it speaks https
 */
export async function startChat(tls?: { key: string; cert: string }) {
  const posted: { path: string; type: string | undefined; message: SlackMessage }[] = [];
  let answer: Answer = {};

  async function listener(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const message = (await json(request)) as SlackMessage;
    posted.push({ path: request.url ?? '', type: request.headers['content-type'], message });
    if (answer === 'nothing') return;
    const { status = 200, headers = {}, body = 'ok' } = answer;
    response.writeHead(status, headers).end(body);
  }

  const server = tls === undefined ? createPlainServer(listener) : createServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    /** One that holds a secret, as Slack's does. */
    address: new URL(`${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/services/T0/B0/${SECRET}`),
    posted,
    /** The first line of each message that came, without its marks. */
    subjects: () => posted.map(({ message }) => message.text.split('\n')[0]!.slice(1, -1)),
    answerWith: (given: Answer) => {
      answer = given;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** What stands in the address and must be in no log. */
export const SECRET = 'XyZzY-only-the-webhook-knows';
