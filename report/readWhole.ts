import { makeKept } from '../core/base/concurrency/keepPromise.ts';
import type { ReadRange } from '../core/base/objectStore.ts';
import { sceneId } from '../core/base/run.ts';
import type { PredictedChip } from '../core/results/predictions.ts';

const SMALL_BYTES = 4 * 2 ** 20;
/** For fewer chips, their bytes alone are read faster. */
const MANY = 8;

/**
 * Reads a small file whole, and once, if many of the chips are in it: a request for each would take most of a report's time.
 *
 * @param sizes the bytes of each run's file
 */
export function readWhole(
  readRange: ReadRange,
  chips: readonly Pick<PredictedChip, 'scene' | 'run'>[],
  sizes: ReadonlyMap<string, number>,
): ReadRange {
  const inFile = Map.groupBy(chips, ({ scene }) => sceneId(scene));
  const keep = makeKept<Uint8Array>(Number.POSITIVE_INFINITY);
  return async (scene, offset, length) => {
    const id = sceneId(scene);
    const own = inFile.get(id) ?? [];
    const size = sizes.get(own[0]?.run ?? '') ?? 0;
    if (own.length < MANY || size === 0 || size > SMALL_BYTES) return readRange(scene, offset, length);
    return (await keep(id, () => readRange(scene, 0, size))).subarray(offset, offset + length);
  };
}
