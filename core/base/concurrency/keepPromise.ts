import { packageKey } from '../keys.ts';
import type { ModelRef } from '../messages.ts';

/** Caches what was made for the last keys, up to a number. A failure is dropped, so the next call retries. */
export function makeKept<Made>(most: number, onForget: (made: Made) => void = () => {}) {
  const kept = new Map<string, Promise<Made>>();
  return (key: string, make: () => Promise<Made>): Promise<Made> => {
    const found = kept.get(key);
    const made = found ?? make();
    kept.delete(key);
    kept.set(key, made); // re-inserted as the most recent
    if (found === undefined) made.catch(() => kept.delete(key));
    const [[oldest, forgotten] = []] = kept;
    if (kept.size > most && oldest !== undefined) {
      kept.delete(oldest);
      forgotten?.then(onForget, () => {});
    }
    return made;
  };
}

export function keepPromise<Made>(load: (model: ModelRef) => Promise<Made>, most = 3, onForget?: (made: Made) => void) {
  const keep = makeKept(most, onForget);
  return (model: ModelRef): Promise<Made> => keep(packageKey(model, ''), () => load(model));
}
