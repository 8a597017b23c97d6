import ipaddr from 'ipaddr.js';
import { citedStart, InvalidModelPackage, ObjectTooLarge, TransientTrouble } from '../core/base/errors.ts';
import { MAX_PACKAGE_TEXT_BYTES } from '../core/base/limits.ts';
import type { HttpGet, HttpGetOptions } from '../core/releases/origins/packageSource.ts';
import { addressesByName, isNear, isPublic } from './addresses.ts';
import { readUpTo } from './readUpTo.ts';

type Options = {
  /** The addresses of a host's name; tests have their own. */
  addressesOf?: (host: string) => Promise<readonly string[]>;
  /** Asks over the network; tests ask nobody. */
  ask?: typeof fetch;
  /** For one request, small files and large ones. */
  seconds?: { small: number; large: number };
};

/** A model of 512 MiB needs 3 MB/s; the function that watches a registry has five minutes for all. */
const SECONDS = { small: 20, large: 180 };
const MOST_REDIRECTS = 3;
const REDIRECTS = [301, 302, 303, 307, 308];
/** Of what is no answer, so much is looked at for its reason. */
const MOST_ERROR_BYTES = 4096;

/**
 * Makes what asks the servers of which an operator has models published. Images over HTTP are named by whoever sends a request
 * (aws/readUrl.ts); these addresses stand in a command, an environment or a parameter. So they may be of a private network, where
 * registries are, and there of http as well: what is protected is the package, which nobody on the way may exchange, and the
 * token. Over the public internet only https is spoken; a redirect leads to https, and never from outside into a private network;
 * a request with a token follows none.
 */
export function makeHttpGet({ addressesOf = addressesByName, ask = fetch, seconds = SECONDS }: Options = {}): HttpGet {
  return async (first, options) => {
    let url = first;
    for (let redirects = 0; ; redirects += 1) {
      await checkScheme(url);
      const answer = await request(url, options);
      if (!('location' in answer)) return answer;
      if (redirects === MOST_REDIRECTS)
        throw new InvalidModelPackage(`${first.host} redirects more than ${MOST_REDIRECTS} times`);
      url = await checkedRedirect(url, answer.location);
    }
  };

  async function checkScheme(url: URL): Promise<void> {
    if (url.protocol === 'https:') return;
    if ((await addressesIn(url)).every(isNear)) return;
    throw new InvalidModelPackage(
      `${url.host}: found http, allowed is https; http only within a private network, or to this machine`,
    );
  }

  async function checkedRedirect(from: URL, location: string): Promise<URL> {
    const to = URL.parse(location, from.href);
    const found = `${from.host} redirects to ${citedStart(to === null ? location : `${to.protocol}//${to.host}`, 100)}`;
    if (to === null || to.protocol !== 'https:')
      throw new InvalidModelPackage(`${found}, allowed is an address with https`);
    if (to.host !== from.host && !(await addressesIn(to)).every(isPublic))
      throw new InvalidModelPackage(
        `${found}, which is no address of the public internet; allowed is one, or the same host`,
      );
    return to;
  }

  async function addressesIn({ hostname, host }: URL): Promise<readonly string[]> {
    const name = hostname.replace(/^\[|\]$/g, '');
    if (ipaddr.isValid(name)) return [name];
    return addressesOf(name).catch((cause: NodeJS.ErrnoException) => {
      throw new TransientTrouble(`${host} cannot be found (${cause.code ?? cause.message}).`, { cause });
    });
  }

  async function request(url: URL, { authorization, mostBytes, mayRedirect = false }: HttpGetOptions) {
    const most = mostBytes > MAX_PACKAGE_TEXT_BYTES ? seconds.large : seconds.small;
    const signal = AbortSignal.timeout(most * 1000);
    try {
      const headers = { 'user-agent': 'swath', ...(authorization !== undefined && { authorization }) };
      const response = await ask(url, { redirect: 'manual', headers, signal });
      const { status } = response;
      const location = response.headers.get('location');
      if (mayRedirect && authorization === undefined && REDIRECTS.includes(status) && location !== null) {
        await response.body?.cancel();
        return { location };
      }
      if (status === 429 || status >= 500) {
        await response.body?.cancel();
        throw new TransientTrouble(`${url.host} answers ${status}.`);
      }
      if (status !== 200) {
        const beginning = await readUpTo(MOST_ERROR_BYTES, response.body ?? []);
        return { status, bytes: beginning.subarray(0, MOST_ERROR_BYTES) };
      }
      const said = Number(response.headers.get('content-length') ?? 0);
      const bytes = await readUpTo(said > mostBytes ? 0 : mostBytes, response.body ?? []);
      const found = Math.max(said, bytes.length);
      if (found > mostBytes) throw new ObjectTooLarge(`${url.host}${url.pathname}`, found, mostBytes);
      return { status, bytes };
    } catch (error) {
      if (error instanceof TransientTrouble || error instanceof ObjectTooLarge) throw error;
      if (signal.aborted) throw new TransientTrouble(`${url.host} took longer than the ${most} s that are allowed.`);
      throw new TransientTrouble(`${url.host} cannot be reached (${reasonOf(error)}).`, { cause: error });
    }
  }
}

/** Of fetch, the cause says what was wrong. */
function reasonOf(error: unknown): string {
  const { code } = Object(Object(error).cause) as { code?: unknown };
  return typeof code === 'string' ? code : error instanceof Error ? error.message : String(error);
}
