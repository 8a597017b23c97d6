import { useEffect, useState } from 'preact/hooks';
import { urlDecoded } from '../../core/base/text/urlDecoded.ts';

/** The pages of the console, in the order of its navigation; to the last two, the models and an alarm lead. */
export const PAGES = [
  ...(['overview', 'runs', 'chips', 'map', 'feeds', 'drift', 'models', 'predict', 'outbox'] as const),
  ...(['diff', 'runbook'] as const),
] as const;
export type PageName = (typeof PAGES)[number];

/** What is shown: a page, one thing of it (a run, an e-mail) or null, and how it is filtered and sorted. */
export type Route = { page: PageName; id: string | null; query: Query };
export type Query = Record<string, string>;

/** The address of a page, behind `#`: what is shown can be linked to, and the browser's way back works. */
export function hrefOf(page: PageName, { id = null, query = {} }: Partial<Omit<Route, 'page'>> = {}): string {
  const path = page === 'overview' ? '' : id === null ? page : `${page}/${encodeURIComponent(id)}`;
  return `#/${path}${queryText(query)}`;
}

/** `?a=b&c=d` of what is set; nothing where nothing is. */
export function queryText(query: Query): string {
  const set = Object.entries(query).filter(([, value]) => value !== '');
  return set.length === 0 ? '' : `?${new URLSearchParams(set)}`;
}

/** Null for an address that names no page. */
export function routeOf(hash: string): Route | null {
  const [path = '', search = ''] = hash.replace(/^#?\/?/, '').split('?', 2);
  const [name = '', id, ...rest] = path.split('/');
  const page = name === '' ? 'overview' : PAGES.find((known) => known === name);
  if (page === undefined || rest.length > 0) return null;
  const thing = id === undefined || id === '' ? null : urlDecoded(id);
  if (thing === undefined) return null;
  return { page, id: thing, query: Object.fromEntries(new URLSearchParams(search)) };
}

/** What the address names; null where it names nothing. */
export function useRoute(): Route | null {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return routeOf(hash);
}

/** Changes a page's filters without a step for the way back. A list of several pages begins at the first one again. */
export function changeQuery(route: Route, change: Query): void {
  history.replaceState(null, '', hrefOf(route.page, { id: route.id, query: { ...route.query, page: '', ...change } }));
  dispatchEvent(new HashChangeEvent('hashchange'));
}
