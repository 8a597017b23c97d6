import ipaddr from 'ipaddr.js';

/**
 * Whether an address belongs to the public internet, and is not reserved (RFC 6890), such as private networks, loopback, or the
 * cloud's metadata service at 169.254.169.254. An IPv4 address embedded in an IPv6 one counts as itself.
 */
export function isPublic(address: string): boolean {
  return rangeOf(address) === 'unicast';
}

/** Whether an address is loopback or in a private network; a cloud's metadata service is at neither. */
export function isNear(address: string): boolean {
  return ['loopback', 'private', 'uniqueLocal'].includes(rangeOf(address));
}

function rangeOf(address: string): string {
  return ipaddr.isValid(address) ? ipaddr.process(address).range() : 'none';
}
