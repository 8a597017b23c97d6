import { createHash, timingSafeEqual } from 'node:crypto';
import type { HttpRequest } from '../core/online/http.ts';
import { Problem } from '../core/online/problem.ts';

/** What may be asked without a key: what a load balancer looks at, and what tells how to ask. */
const OPEN = new Set(['/healthz', '/readyz', '/openapi.json', '/docs']);

/**
 * Makes the check of the header `x-api-key`, as API Gateway has it; whoever knows no such header, as Prometheus, sends the key as
 * `authorization: Bearer KEY` (RFC 6750).
 *
 * @param keys the text of a file: a key a line; empty lines and those that begin with # are passed over
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
    // All of them, in a time that does not tell which, or how much of it, was right.
    const matches = allowed.filter((one) => timingSafeEqual(one, found));
    if (matches.length === 0) throw new Problem(403, 'The key in x-api-key is not known here.');
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
