const LOOPBACK = /^(127(\.\d+){3}|localhost|\[::1\])$/;

/**
 * Parses a webhook's address: `https` without a user or password. Anyone who has it can write to the channel, so it must
 * not appear in messages or logs.
 * @param isLoopbackFine whether plain `http` to this machine is accepted as well
 */
export function webhookAddress(text: string, { isLoopbackFine = false } = {}): URL | undefined {
  const url = URL.parse(text.trim());
  if (url === null || url.username !== '' || url.password !== '') return undefined;
  if (url.protocol === 'https:') return url;
  return isLoopbackFine && url.protocol === 'http:' && LOOPBACK.test(url.hostname) ? url : undefined;
}
