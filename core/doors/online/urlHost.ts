/** Returns the comparable host of an https address, with a port other than 443; undefined for other texts. */
export function urlHost(text: string): string | undefined {
  const url = URL.parse(`https://${text}`);
  return url !== null && !/[*,]/.test(text) && url.href === `https://${url.host}/` ? url.host : undefined;
}
