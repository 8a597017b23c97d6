import { createHash, timingSafeEqual } from 'node:crypto';
import type { HttpRequest } from '../core/online/http.ts';
import { Problem } from '../core/online/problem.ts';

/** Routes without a key: health checks of load balancers, and the API's description. */
const OPEN = new Set(['/healthz', '/livez', '/readyz', '/openapi.json', '/docs']);

/**
 * Makes the check of the header `x-api-key`, as in API Gateway; clients without support for it, such as Prometheus, send the key as
 * `authorization: Bearer KEY` (RFC 6750).
 *
 * @param keys the text of a file with one key on each line; empty lines and those that begin with # are ignored
 * @returns a function that throws `Problem` with 401 for a request without a key, and 403 for one with another
 */
export function makeKeyCheck(keys: string): (request: Pick<HttpRequest, 'path' | 'headers'>) => void {
  const allowed = keys
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(digest);
  if (allowed.length === 0) throw new Error('found no key, allowed is one a line');
  return ({ path, headers }) => {
    if (OPEN.has(path)) return;
    const key = headers['x-api-key'] ?? /^Bearer +(\S.*)$/i.exec(headers['authorization'] ?? '')?.[1];
    if (key === undefined)
      throw new Problem(401, 'The header x-api-key is missing.', { headers: { 'www-authenticate': 'ApiKey' } });
    const found = digest(key);
    // Compares with all keys in constant time, which reveals neither which one matched nor how much of it.
    const matches = allowed.filter((one) => timingSafeEqual(one, found));
    if (matches.length === 0) throw new Problem(403, 'The key in x-api-key is not known here.');
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
