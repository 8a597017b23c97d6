/**
 * Returns the host of an https address in a form that can be compared, with its port unless it is 443; undefined for other
 * texts.
 */
export function urlHost(text: string): string | undefined {
  const url = URL.parse(`https://${text}`);
  return url !== null && !text.includes('*') && url.href === `https://${url.host}/` ? url.host : undefined;
}
