import { FeedFailed } from '../../core/feeds/feed.ts';
import type { AskApi } from '../../core/feeds/stacSearch.ts';

/** An Item of a test, in few words. */
export type Catalogued = {
  id: string;
  /** When it was acquired. */
  at: string;
  cloud?: number;
  updated?: string;
  collection?: string;
  href?: string;
  bbox?: readonly [number, number, number, number];
  /** Members in the place of others. */
  raw?: object;
};

const API = 'https://stac.example.org/v1';

/** A STAC API in memory, with pages; it obeys collections, time and clouds unless it is told not to. */
export function catalogue(items: () => readonly Catalogued[], pageSize = 10) {
  const requests: { url: string; body?: object }[] = [];
  let isObedient = true;
  let failure: string | null = null;

  const ask: AskApi = async (url, body) => {
    if (failure !== null) throw new FeedFailed(failure);
    requests.push({ url, ...(body && { body }) });
    const search = { rel: 'search', href: `${API}/search` };
    if (url === API)
      return {
        conformsTo: [],
        links: [
          { ...search, method: 'GET' },
          { ...search, method: 'POST' },
        ],
      };
    const [, of, id] = /\/collections\/([^/]+)(?:\/items\/(.+))?$/.exec(url) ?? [];
    if (of !== undefined && id === undefined) return { id: of };
    const one = items().find((item) => encodeURIComponent(item.id.toWellFormed()) === id);
    if (id !== undefined && one === undefined) throw new FeedFailed('stac.example.org answers 404');
    if (one !== undefined && id !== undefined) return itemOf(one);
    const { datetime, collections, token = 0 } = body as { datetime: string; collections: string[]; token?: number };
    const [from, to] = datetime.split('/').map((text) => Date.parse(text));
    const isMeant = ({ at, collection = 'sentinel-2-l2a' }: Catalogued) =>
      !isObedient || (collections.includes(collection) && Date.parse(at) >= from! && Date.parse(at) <= to!);
    const found = items().filter(isMeant);
    const features = found.slice(token, token + pageSize).map(itemOf);
    const next = { rel: 'next', href: `${API}/search`, method: 'POST', body: { token: token + pageSize }, merge: true };
    return { type: 'FeatureCollection', features, links: token + pageSize < found.length ? [next] : [] };
  };
  return {
    ask,
    requests,
    obeys: (is: boolean) => {
      isObedient = is;
    },
    fails: (message: string | null) => {
      failure = message;
    },
  };
}

export function itemOf({ id, at, cloud, updated, collection = 'sentinel-2-l2a', href, bbox, raw }: Catalogued) {
  const [west, south, east, north] = bbox ?? [10.2, 50.2, 10.4, 50.4];
  const ring = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
  return {
    type: 'Feature',
    stac_version: '1.0.0',
    id,
    collection,
    geometry: { type: 'Polygon', coordinates: [ring] },
    bbox: [west, south, east, north],
    properties: { datetime: at, updated, ...(cloud !== undefined && { 'eo:cloud_cover': cloud }) },
    assets: { B02: { href: href ?? `https://data.example.org/${id}/B02.tif` } },
    links: [{ rel: 'self', href: `${API}/collections/${collection}/items/${encodeURIComponent(id.toWellFormed())}` }],
    ...raw,
  };
}
