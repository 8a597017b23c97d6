/** Returns what `encodeURIComponent` has encoded; undefined for a text that it cannot have made. */
export function urlDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
