import { useEffect, useState } from 'preact/hooks';
import { hrefOf, routeOf } from './route.ts';
/** What the address names; null where it names nothing. */
export function useRoute() {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = () => setHash(location.hash);
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return routeOf(hash);
}
/** Changes how a page is filtered without a new page: the way back leads past each letter that was typed. */
export function replaceQuery(route, query) {
  history.replaceState(null, '', hrefOf(route.page, { id: route.id, query }));
  dispatchEvent(new HashChangeEvent('hashchange'));
}
