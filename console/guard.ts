import type { IncomingHttpHeaders } from 'node:http';
import { Refused } from './answer.ts';

export type Asked = { method: string; path: string; headers: IncomingHttpHeaders };

/**
 * Refuses requests of other web pages that the user has open. Throws `Refused`: 421 for a foreign name (DNS rebinding),
 * 403 for a foreign page, 415 for a form's type.
 */
export function checkSender({ method, path, headers }: Asked, port: number): void {
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
