/** Keeps what was made lately, as it was asked for: a page that is opened again asks for the same. What failed is tried anew. */
export function makeKept<Made>(most: number): (key: string, make: () => Promise<Made>) => Promise<Made> {
  const kept = new Map<string, Promise<Made>>();
  return (key, make) => {
    const found = kept.get(key) ?? make();
    kept.delete(key); // and to the end, as the one that was asked for last
    kept.set(key, found);
    found.catch(() => kept.delete(key));
    if (kept.size > most) kept.delete(kept.keys().next().value!);
    return found;
  };
}
