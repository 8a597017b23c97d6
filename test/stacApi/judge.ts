import { isDeepStrictEqual } from 'node:util';

export type Item = {
  id: string;
  geometry: object;
  properties: { datetime: string; updated?: string; 'eo:cloud_cover'?: number };
  assets: Record<string, { href: string }>;
};
/** What there is: the inbox's Items, the runs, and the files of the results. */
export type There = {
  inbox: { key: string; item: Item }[];
  runs: { run: string; file: string; state: string; error?: unknown }[];
  results: string[];
};

/** What a revision of an Item changes here. */
export const revisionOf = ({ id, properties, assets }: Item) => ({ id, updated: properties.updated, assets });

/** Lists an API's Items by its own means: GET, where the product asks by POST, in small pages, and by PostGIS's word on what reaches into the area. */
export async function listItems(api: string, collection: string, area: object, since: Date): Promise<Item[]> {
  const items: Item[] = [];
  const query = { collections: collection, intersects: JSON.stringify(area), datetime: `${since.toISOString()}/..` };
  let url: string | undefined = `${api}/search?${new URLSearchParams({ ...query, limit: '7' })}`;
  while (url !== undefined) {
    const page = (await (await fetch(url)).json()) as { features: Item[]; links: { rel: string; href: string }[] };
    items.push(...page.features);
    url = page.links.find(({ rel }) => rel === 'next')?.href;
  }
  return items;
}

/** Says, in sentences, where what is there is not one run that is DONE, and one map, for each of the Items. */
export function judge(items: readonly Item[], { inbox, runs, results }: There): string[] {
  const same = (one: Item) => inbox.filter(({ item }) => isDeepStrictEqual(revisionOf(item), revisionOf(one)));
  const count = (what: string, { id }: Item, found: number) =>
    found === 1 ? [] : [`${id} has ${found} ${what}, and not one`];
  return [
    ...items.flatMap((item) => {
      const files = same(item);
      const own = runs.filter(({ file }) => files.some(({ key }) => key === file));
      const maps = results.filter((path) => path.endsWith('.tif') && own.some(({ run }) => path.includes(run)));
      return [
        ...count('files in the inbox', item, files.length),
        ...count('runs', item, own.length),
        ...count('maps', item, maps.length),
        ...own
          .filter(({ state }) => state !== 'DONE')
          .map(({ state, error }) => `the run of ${item.id} is ${state}: ${JSON.stringify(error)}`),
      ];
    }),
    ...inbox.filter(({ item }) => same(item).length > 1).map(({ key }) => `${key} was taken twice`),
    ...inbox.filter(({ item }) => !items.some(({ id }) => id === item.id)).map(({ key }) => `${key} was not wanted`),
  ];
}
