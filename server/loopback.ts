import { type HttpRequest, Problem } from '../core/doors/online/http.ts';

export const isLoopback = (host: string) => host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host);

/**
 * Refuses requests of foreign pages through the user's browser: loopback requires no key, and the browser is on this machine as
 * well.
 *
 * @throws Problem with 403
 */
export function checkSameMachine({ headers }: Pick<HttpRequest, 'headers'>): void {
  const host = URL.parse(`http://${headers['host'] ?? ''}`)?.hostname.replace(/^\[|\]$/g, '') ?? '';
  if (!isLoopback(host))
    throw new Problem(403, 'This server answers to names of this machine alone, such as localhost.');
  const { origin } = headers;
  if (origin !== undefined && origin !== `http://${headers['host']}`)
    throw new Problem(403, 'Only programs of this machine, and the page of this server, may ask it.');
}
