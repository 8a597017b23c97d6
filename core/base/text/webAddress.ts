/** Returns an address as a message may show it: without user and query, which may hold a password or a signature. */
export function shownAddress(text: string): string {
  const url = URL.parse(text);
  return url === null ? text.replace(/\?.*$/s, '') : `${url.protocol}//${url.host}${url.pathname}`;
}

/** Returns whether a host, with its port if it has one, is listed by name or below a domain, as in `*.example.com`. */
export const isListedHost = (host: string, hosts: readonly string[]): boolean =>
  hosts.some((one) => host === one || (one.startsWith('*.') && host.endsWith(one.slice(1))));
