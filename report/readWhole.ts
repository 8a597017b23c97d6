import type { SceneRef } from '../core/base/messages.ts';
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
  const whole = new Map<string, Promise<Uint8Array>>();

  function readFile(scene: SceneRef, size: number): Promise<Uint8Array> {
    const id = sceneId(scene);
    const found = whole.get(id) ?? readRange(scene, 0, size);
    whole.set(id, found);
    return found;
  }

  return async (scene, offset, length) => {
    const own = inFile.get(sceneId(scene)) ?? [];
    const size = sizes.get(own[0]?.run ?? '') ?? 0;
    if (own.length < MANY || size === 0 || size > SMALL_BYTES) return readRange(scene, offset, length);
    return (await readFile(scene, size)).subarray(offset, offset + length);
  };
}
