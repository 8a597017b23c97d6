import type { LookupAddress } from 'node:dns';
import type { IncomingMessage } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { citedStart, errorNamed } from '../core/base/errors.ts';
import { isListedHost, shownAddress } from '../core/base/text/webAddress.ts';
import { addressesByName, isPublic } from './addresses.ts';

export type Network = {
  addressesOf: (host: string) => Promise<readonly string[]>;
  isAllowed: (address: string) => boolean;
  /** Certificates to trust beside those that Node does. */
  ca?: string;
};

export const internet: Network = { addressesOf: addressesByName, isAllowed: isPublic };

/** An address that is not asked; the message says which and why. */
export class AddressRefused extends errorNamed('AddressRefused') {}

/** Hosts are those that may be asked, in lower case. Without an agent, each request has a connection of its own. */
type GuardedOptions = Pick<RequestOptions, 'signal' | 'agent'> & { hosts: readonly string[]; headers: object };

const MOST_REDIRECTS = 3;

export const named = ({ host }: URL): string => citedStart(host, 100);

/**
 * Requests an address that somebody else has chosen, and returns the answer that is no redirect; its body has not been read. Whoever
 * sends an address chooses where this service's own network is asked: so hosts are listed by its operator, only https is
 * spoken, and no address that is not of the public internet is connected to, wherever a redirect or a name leads. A name is
 * looked up once, and what was looked at is what is connected to.
 *
 * @throws {AddressRefused} before anything is sent there
 */
export async function guardedGet(address: URL, network: Network, options: GuardedOptions): Promise<IncomingMessage> {
  let url = address;
  for (let redirects = 0; ; redirects += 1) {
    const response = await get(url, network, options);
    const { statusCode = 0, headers } = response;
    if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) return response;
    response.destroy();
    if (redirects === MOST_REDIRECTS)
      throw new AddressRefused(`${cited(address.href)} redirects more than ${MOST_REDIRECTS} times`);
    url = checkedUrl(headers.location, options.hosts, url);
  }
}

const cited = (text: string) => citedStart(shownAddress(text), 100);

/** Returns an address that may be asked, or throws `AddressRefused`. */
export function checkedUrl(text: string, hosts: readonly string[], from?: URL): URL {
  const url = URL.parse(text, from?.href);
  const found = `${from === undefined ? 'found' : `${named(from)} redirects to`} ${cited(text)}`;
  if (url === null || url.protocol !== 'https:') throw new AddressRefused(`${found}, allowed is an address with https`);
  if (url.username !== '' || url.password !== '')
    throw new AddressRefused(`${named(url)} with a user or a password, allowed is an address without`);
  if (!isListedHost(url.host, hosts))
    throw new AddressRefused(`${found}, allowed hosts are ${[...hosts].sort().join(', ')}`);
  return url;
}

async function get(url: URL, network: Network, options: GuardedOptions): Promise<IncomingMessage> {
  const check = (address: string) => {
    if (!network.isAllowed(address))
      throw new AddressRefused(`${named(url)} is ${address}, allowed are addresses of the public internet`);
    return { address, family: isIP(address) };
  };
  const name = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(name) !== 0) check(name); // it is not looked up
  const lookup: LookupFunction = (host, { all }, done) => {
    const give = (known: LookupAddress[]) =>
      all ? done(null, known) : done(null, known[0]!.address, known[0]!.family);
    const checked = network.addressesOf(host).then((addresses) => addresses.map(check));
    checked.then(give, (error) => done(error, []));
  };
  const { hosts: _, agent = false, ...others } = options;
  const headers = { 'user-agent': 'swath', ...options.headers };
  return new Promise((resolve, reject) => {
    const asked = request(url, { ...others, agent, headers, lookup, ca: network.ca });
    asked.once('response', resolve).once('error', reject).end();
  });
}
