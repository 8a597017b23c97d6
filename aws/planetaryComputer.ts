import { isListedHost } from '../core/base/text/webAddress.ts';

const HOST = 'planetarycomputer.microsoft.com';
const SPARE_MILLISECONDS = 60_000;

type Token = { readonly token: string; readonly ends: number };

/**
 * Makes what signs addresses of the Planetary Computer's files, if its own host is allowed, too: their containers in Azure take a
 * token, which it gives to everybody: https://planetarycomputer.microsoft.com/docs/concepts/sas/. Not tried on the real service.
 */
export function makeSign(readToken: (url: URL, hosts: readonly string[]) => Promise<Token>) {
  const tokens = new Map<string, Token>();
  return async (url: URL, hosts: readonly string[]): Promise<URL> => {
    const [, account] = /^([a-z0-9]{3,24})\.blob\.core\.windows\.net$/.exec(url.host) ?? [];
    const [, container] = url.pathname.split('/');
    if (account === undefined || url.searchParams.has('sig') || !isListedHost(HOST, hosts)) return url;
    const place = `${account}/${container}`;
    if ((tokens.get(place)?.ends ?? 0) < Date.now() + SPARE_MILLISECONDS)
      tokens.set(place, await readToken(new URL(`https://${HOST}/api/sas/v1/token/${place}`), hosts));
    return new URL(`?${tokens.get(place)!.token}`, url);
  };
}

export function tokenIn(bytes: Uint8Array): Token {
  const { token, 'msft:expiry': expiry } = JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>;
  const ends = Date.parse(String(expiry));
  if (typeof token !== 'string' || Number.isNaN(ends)) throw new Error('it is no token with its expiry');
  return { token, ends };
}
