import type { ListKeys } from '../objectStore.ts';

/** Makes the function that lists the published versions of a model in the model bucket, in key order. */
export function versionsIn(list: ListKeys): (name: string) => Promise<string[]> {
  return async (name) => {
    const keys = await list(`${name}/`);
    return keys.flatMap((key) => (key.endsWith('/item.json') ? [key.split('/').at(-2)!] : []));
  };
}

/** Returns the models that have a version in the model bucket, by name. */
export async function namesIn(list: ListKeys): Promise<string[]> {
  const keys = await list('');
  return [...new Set(keys.flatMap((key) => /^([^/]+)\/[^/]+\/item\.json$/.exec(key)?.[1] ?? []))].sort();
}
