/** The host of an https address, with its port where it is not 443, as it is compared; undefined for what is none. */
export function urlHost(text: string): string | undefined {
  const url = URL.parse(`https://${text}`);
  return url !== null && !text.includes('*') && url.href === `https://${url.host}/` ? url.host : undefined;
}
