const LOOPBACK = /^(127(\.\d+){3}|localhost|\[::1\])$/;

/**
 * A webhook's address, where a text is one: `https` without a user or a password in it. Whoever has it may write to the
 * channel, so it goes into no message and no log.
 *
 * @param isLoopbackFine whether plain `http` to this machine itself will do as well: nothing leaves it
 */
export function webhookAddress(text: string, { isLoopbackFine = false } = {}): URL | undefined {
  const url = URL.parse(text.trim());
  if (url === null || url.username !== '' || url.password !== '') return undefined;
  if (url.protocol === 'https:') return url;
  return isLoopbackFine && url.protocol === 'http:' && LOOPBACK.test(url.hostname) ? url : undefined;
}
