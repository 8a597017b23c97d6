import type { Kind, Signs } from '../api.ts';
import { ask } from './ask.ts';

/** Calls back after each look with what is new, and whether the connection is lost; answers how to stop that. */
export type Live = (listener: (what: readonly Kind[], isLost: boolean) => void) => () => void;

/** Looks every second for what is new, while the page is in sight. After a lost connection, or out of sight, everything is new. */
export function listen(
  read: () => Promise<string> = () => ask('/api/signs'),
  later: (work: () => void, milliseconds: number) => unknown = setTimeout,
  page: Pick<Document, 'hidden'> = document,
): Live {
  const listeners = new Set<Parameters<Live>[0]>();
  let seen: Signs = {};

  const tell: Parameters<Live>[0] = (what, isLost) => {
    for (const listener of listeners) listener(what, isLost);
  };
  const look = async () => {
    const found = JSON.parse(await read()) as Signs;
    const what = (Object.keys(found) as Kind[]).filter((kind) => found[kind] !== seen[kind]);
    seen = { ...seen, ...found };
    tell(what, false);
  };
  const lose = () => {
    seen = {};
    tell([], true);
  };
  const keepLooking = async () => {
    if (page.hidden) seen = {};
    else await look().catch(lose);
    later(keepLooking, 1000);
  };
  void keepLooking();

  return (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
}
