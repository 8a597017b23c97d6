import { createHash, timingSafeEqual } from 'node:crypto';
import { type HttpRequest, Problem } from '../core/doors/online/http.ts';

/** Routes without a key: health checks of load balancers, and the API's description. */
const OPEN = '/healthz /livez /readyz /ping /openapi.json /docs /v2 /v2/health/live /v2/health/ready'.split(' ');

/**
 * Makes the check of the header `x-api-key`, as in API Gateway; clients without support for it, such as Prometheus, send the key as
 * `authorization: Bearer KEY` (RFC 6750).
 *
 * @param keys the text of a file with one key on each line; empty lines and those that begin with # are ignored
 * @returns a function that throws `Problem` with 401 for a request without a key, and 403 for one with another
 */
export function makeKeyCheck(keys: string): (request: Pick<HttpRequest, 'path' | 'headers'>) => void {
  const lines = keys.split(/\r?\n/).map((line) => line.trim());
  const odd = lines.findIndex((line) => !line.startsWith('#') && /[^ -~]/.test(line)); // clients disagree on how a header has these
  if (odd !== -1) throw new Error(`line ${odd + 1}: found a character beyond ASCII, allowed is printable ASCII`);
  const allowed = lines.filter((line) => line !== '' && !line.startsWith('#')).map(digest);
  if (allowed.length === 0) throw new Error('found no key, allowed is one a line');
  return ({ path, headers }) => {
    if (OPEN.includes(path)) return;
    const key = headers['x-api-key'] ?? /^Bearer +(\S.*)$/i.exec(headers['authorization'] ?? '')?.[1];
    if (key === undefined) throw new Problem(401, 'The header x-api-key is missing.', { 'www-authenticate': 'ApiKey' });
    const found = digest(key);
    // Compares with all keys in constant time, which reveals neither which one matched nor how much of it.
    const matches = allowed.filter((one) => timingSafeEqual(one, found));
    if (matches.length === 0) throw new Problem(403, 'The key in x-api-key is not known here.');
  };
}

/** How often the file of keys is looked at; a change counts once two looks agree, as a file may be written while it is read. */
const LOOK_MILLISECONDS = 2000;

/**
 * Makes the check by the keys of a file, which follows the file: no restart is needed for a new key, or to withdraw one. A new file that
 * cannot be read, or holds no key, changes nothing.
 *
 * @param read reads the file's text
 * @param tell is told of each change, and once of each file that is not taken
 * @throws what is wrong with the file as it is now
 */
export async function followKeys(
  read: () => Promise<string>,
  tell: (news: string) => void,
  milliseconds = LOOK_MILLISECONDS,
): Promise<ReturnType<typeof makeKeyCheck>> {
  let taken = await read();
  let check = makeKeyCheck(taken);
  let seen = taken;

  async function look(): Promise<void> {
    const found = await read().catch((error: Error) => error);
    const text = String(found);
    const isNew = text === seen && text !== taken;
    seen = text;
    if (!isNew) return;
    taken = text;
    try {
      if (found instanceof Error) throw found;
      check = makeKeyCheck(found);
      tell('The file of keys has changed: its keys are in force.');
    } catch (error) {
      tell(`The file of keys is not taken, and the former keys stay in force: ${(error as Error).message}`);
    }
  }

  const again = () => void look().finally(() => setTimeout(again, milliseconds).unref());
  setTimeout(again, milliseconds).unref();
  return (request) => check(request);
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
