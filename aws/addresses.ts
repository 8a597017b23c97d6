import ipaddr from 'ipaddr.js';

/**
 * Whether an address is of the public internet, and none of those that are kept for other purposes, such as a network of one's
 * own, the machine itself, or what a cloud tells its machines at 169.254.169.254. RFC 6890; an IPv4 address within an
 * IPv6 one counts as itself.
 */
export function isPublic(address: string): boolean {
  return rangeOf(address) === 'unicast';
}

/** Whether an address is of this machine or of a private network; what a cloud tells its machines is at neither. */
export function isNear(address: string): boolean {
  return ['loopback', 'private', 'uniqueLocal'].includes(rangeOf(address));
}

function rangeOf(address: string): string {
  return ipaddr.isValid(address) ? ipaddr.process(address).range() : 'none';
}
