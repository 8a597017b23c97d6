import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';

/**
 * Whether an address belongs to the public internet, and is not reserved (RFC 6890), such as private networks, loopback, or the
 * cloud's metadata service at 169.254.169.254. An IPv4 address embedded in an IPv6 one counts as itself.
 */
export const isPublic = (address: string): boolean => rangeOf(address) === 'unicast';

/** Whether an address is loopback or in a private network; a cloud's metadata service is at neither. */
export const isNear = (address: string): boolean => ['loopback', 'private', 'uniqueLocal'].includes(rangeOf(address));

export const addressesByName = async (host: string): Promise<readonly string[]> =>
  (await lookup(host, { all: true })).map(({ address }) => address);

const rangeOf = (address: string): string => (ipaddr.isValid(address) ? ipaddr.process(address).range() : 'none');
