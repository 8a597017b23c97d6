import type { IncomingHttpHeaders } from 'node:http';
import { Refused } from './answer.ts';

/** What is known of a request before its body is read. */
export type Asked = { method: string; path: string; headers: IncomingHttpHeaders };

/**
 * Refuses whatever does not come from the console's own page, or from a program of this machine. The loopback alone does
 * not protect: any web page that the user has open can send requests to it.
 *
 * @throws Refused with 421 for a foreign name (DNS rebinding: a page of evil.example whose name points to 127.0.0.1
 *   would be of one origin with this server), 403 for a foreign page, 415 for a form's content type
 */
export function checkSender({ method, path, headers }: Asked, port: number): void {
  const ours = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (port === 80) ours.push('127.0.0.1', 'localhost'); // a browser leaves the scheme's own port out
  const host = headers.host?.toLowerCase() ?? '';
  if (!ours.includes(host))
    throw new Refused(421, `This server answers at http://${ours[0]}, not at ${JSON.stringify(headers.host ?? '')}.`);
  // Another page cannot read the answers, but asking alone would cost an account's requests.
  const site = headers['sec-fetch-site'];
  if (path.startsWith('/api/') && site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new Refused(403, 'Only the page of this server may ask this.');
  if (method === 'GET' || method === 'HEAD') return;
  if (headers.origin !== `http://${host}`)
    throw new Refused(
      403,
      `Only the page of this server may change anything; its requests have the Origin http://${host}.`,
    );
  // A form of a foreign page cannot send JSON, and a script of one has to ask first, which is refused.
  if (headers['content-type']?.split(';')[0]?.trim().toLowerCase() !== 'application/json')
    throw new Refused(415, 'The content type must be application/json.');
}
