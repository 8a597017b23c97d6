import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { InvalidSceneFile } from '../core/base/errors.ts';
import { MAX_FETCHED_BYTES } from '../core/base/limits.ts';
import { citedStart } from '../core/base/text/cited.ts';
import { readNoUrl } from '../core/doors/online/inboxImage.ts';
import { addressesByName, isPublic } from './addresses.ts';
import { readUpTo } from './readUpTo.ts';

/** Reads the image at an address; throws `InvalidSceneFile` that says why there is none to be had. `where` begins the message. */
export type ReadUrl = (url: string, where: string) => Promise<Uint8Array>;

export type ReadUrlOptions = {
  /** The hosts that may be asked, as in an address: `images.example.com`, or with a port. None: no address is read. */
  hosts: readonly string[];
  /** For all of it, redirects included. */
  seconds?: number;
  mostBytes?: number;
  /** Tests ask a server of this machine. */
  network?: Network;
};

type Network = {
  addressesOf: (host: string) => Promise<readonly string[]>;
  isAllowed: (address: string) => boolean;
  /** Certificates to trust beside those that Node does. */
  ca?: string;
};

const SECONDS = 10;
const MOST_REDIRECTS = 3;

const internet: Network = { addressesOf: addressesByName, isAllowed: isPublic };

/**
 * Makes the reader of images that are named by their addresses. Whoever sends one chooses where this service's own network is
 * asked: so hosts are named by its operator, only https is spoken, and no address that is not of the public internet is
 * connected to, wherever a redirect or a name leads. A name is looked up once, and what was looked at is what is connected to.
 */
export function makeReadUrl(options: ReadUrlOptions): ReadUrl {
  const { hosts, seconds = SECONDS, mostBytes = MAX_FETCHED_BYTES, network = internet } = options;
  if (hosts.length === 0) return readNoUrl;
  const allowed = new Set(hosts.map((host) => host.toLowerCase()));

  return async (text, where) => {
    const signal = AbortSignal.timeout(seconds * 1000);
    const refuse = (what: string) => new InvalidSceneFile(`${where}.url: ${what}`);
    let url = checkedUrl(text, allowed, refuse);
    try {
      for (let redirects = 0; ; redirects += 1) {
        const response = await get(url, network, signal, refuse);
        const { statusCode = 0, headers } = response;
        if (statusCode === 200) return await bodyOf(response, mostBytes, refuse);
        response.destroy();
        if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined)
          throw refuse(`${named(url)} answers ${statusCode}, allowed is 200 with a file of an image`);
        if (redirects === MOST_REDIRECTS)
          throw refuse(`${citedStart(text, 100)} redirects more than ${MOST_REDIRECTS} times`);
        url = checkedUrl(headers.location, allowed, refuse, url);
      }
    } catch (error) {
      if (error instanceof InvalidSceneFile) throw error;
      if (signal.aborted) throw refuse(`${named(url)} took longer than the ${seconds} s that are allowed`);
      const { code, message } = error as NodeJS.ErrnoException;
      throw refuse(`${named(url)} cannot be read (${code ?? message})`);
    }
  };
}

type Refuse = (what: string) => InvalidSceneFile;

const named = ({ host }: URL): string => citedStart(host, 100);

function checkedUrl(text: string, allowed: ReadonlySet<string>, refuse: Refuse, from?: URL): URL {
  const url = URL.parse(text, from?.href);
  const found = `${from === undefined ? 'found' : `${named(from)} redirects to`} ${citedStart(text, 100)}`;
  if (url === null || url.protocol !== 'https:') throw refuse(`${found}, allowed is an address with https`);
  if (url.username !== '' || url.password !== '')
    throw refuse(`${named(url)} with a user or a password, allowed is an address without`);
  if (!allowed.has(url.host)) throw refuse(`${found}, allowed hosts are ${[...allowed].sort().join(', ')}`);
  return url;
}

/** One answer, of whatever status; its body has not been read. */
async function get(url: URL, network: Network, signal: AbortSignal, refuse: Refuse): Promise<IncomingMessage> {
  const name = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = isIP(name) === 0 ? await Promise.race([network.addressesOf(name), end(signal)]) : [name];
  const other = addresses.find((address) => !network.isAllowed(address));
  if (other !== undefined) throw refuse(`${named(url)} is ${other}, allowed are addresses of the public internet`);
  const known = addresses.map((address) => ({ address, family: isIP(address) }));
  const resolved: LookupFunction = (_host, { all }, done) => {
    if (all) done(null, known);
    else done(null, known[0]!.address, known[0]!.family);
  };
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      agent: false,
      lookup: resolved,
      signal,
      headers: { accept: 'image/*', 'user-agent': 'swath' },
      ...(network.ca !== undefined && { ca: network.ca }),
    });
    asked.once('response', resolve).once('error', reject).end();
  });
}

/** Rejects when the time is over: a lookup cannot be called off. */
function end(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

async function bodyOf(response: IncomingMessage, mostBytes: number, refuse: Refuse): Promise<Uint8Array> {
  const tooLarge = (bytes: number | string) =>
    refuse(`found ${bytes} bytes, allowed are at most ${mostBytes}. Send it as a file of its own`);
  const said = Number(response.headers['content-length'] ?? 0);
  if (said > mostBytes) {
    response.destroy();
    throw tooLarge(said);
  }
  const bytes = await readUpTo(mostBytes, response);
  if (bytes.length > mostBytes) throw tooLarge(`more than ${mostBytes}`);
  return bytes;
}
