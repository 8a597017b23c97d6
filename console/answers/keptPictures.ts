/** Caches recent results by request, since a page that is opened again asks for the same ones. Failures are not cached. */
export function makeKept<Made>(most: number): (key: string, make: () => Promise<Made>) => Promise<Made> {
  const kept = new Map<string, Promise<Made>>();
  return (key, make) => {
    const found = kept.get(key) ?? make();
    kept.delete(key); // moves it to the end, as the most recently used one
    kept.set(key, found);
    found.catch(() => kept.delete(key));
    if (kept.size > most) kept.delete(kept.keys().next().value!);
    return found;
  };
}
