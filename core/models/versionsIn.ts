import type { ListKeys } from '../objectStore.ts';

/** Makes what lists the published versions of a model in the model bucket, in the order of their keys. */
export function versionsIn(list: ListKeys): (name: string) => Promise<string[]> {
  return async (name) => {
    const keys = await list(`${name}/`);
    return keys.flatMap((key) => (key.endsWith('/item.json') ? [key.split('/').at(-2)!] : []));
  };
}

/** The models of which the model bucket has a version, in the order of their names. */
export async function namesIn(list: ListKeys): Promise<string[]> {
  const keys = await list('');
  return [...new Set(keys.flatMap((key) => /^([^/]+)\/[^/]+\/item\.json$/.exec(key)?.[1] ?? []))].sort();
}
