import { packageKey } from '../keys.ts';
import type { ModelRef } from '../messages.ts';

const KEPT = 3;

/**
 * Caches what the last model versions were loaded into, up to a number. A failed load is dropped, so the next call
 * retries.
 */
export function keepPromise<Value>(
  load: (model: ModelRef) => Promise<Value>,
  most = KEPT,
  onForget: (value: Value) => void = () => {},
) {
  const kept = new Map<string, Promise<Value>>();
  return (model: ModelRef): Promise<Value> => {
    const id = packageKey(model, '');
    const found = kept.get(id);
    if (found !== undefined) {
      kept.delete(id);
      kept.set(id, found); // re-inserted as the most recent
      return found;
    }
    const loading = load(model);
    kept.set(id, loading);
    loading.catch(() => kept.delete(id));
    const [[oldest, forgotten] = []] = kept;
    if (kept.size > most && oldest !== undefined) {
      kept.delete(oldest);
      forgotten?.then(onForget, () => {});
    }
    return loading;
  };
}
